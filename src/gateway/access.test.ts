import { afterEach, describe, expect, it } from "vitest";
import { rawClient } from "../../test/gateway/raw-client.ts";
import { type GatewayWorld, gatewayWorld } from "../../test/gateway/world.ts";
import { ApiKeyStore } from "../auth/api-key-store.ts";
import { apiKeys, issueApiKey } from "../auth/api-keys.ts";
import type { GatewayOptions } from "./index.ts";

/** Busy machines take their time. */
const SOON = { timeout: 8_000 };

const opened: { close(): unknown }[] = [];
const TARGET = "remote_host=127.0.0.1&remote_port=9602";

afterEach(async () => {
  for (const thing of opened.splice(0).reverse()) await thing.close();
});

function world(options: GatewayOptions = {}): Promise<GatewayWorld> {
  return gatewayWorld(opened, options);
}

async function keyed(): Promise<{ readonly key: string; readonly store: ApiKeyStore }> {
  const { key, record } = await issueApiKey({ user: "ann" });
  return { key, store: new ApiKeyStore([record]) };
}

describe("requests that are refused with a reason", () => {
  it.each([
    ["v0/ws/proxy?remote_host=h", 400, "bad_request", /remote_port is missing/],
    ["v0/ws/bridge?remote_address=x", 400, "bad_request", /host:port/],
    [`v0/ws/proxy?${TARGET}&mode=tcp`, 400, "bad_request", /expected srmudp or udp/],
    [`v0/ws/proxy?${TARGET}&local_port=80`, 400, "bad_request", /local_port is 80/],
    ["v0/ws/proxy?remote_host=127.0.0.1&remote_port=53", 403, "forbidden", /no links to/],
    [`v0/ws/proxy?${TARGET}&ticket=x`, 401, "auth_failed", /ticket is unknown/],
    ["elsewhere", 404, "not_found", /no WebSocket here/],
  ])("%s", async (path, status, code, detail) => {
    const { ws } = await world();
    const refusal = await rawClient(`${ws}${path}`).catch((thrown: unknown) => thrown);
    expect(refusal).toEqual({ status, body: { code, detail: expect.stringMatching(detail) } });
  });

  it("for private targets, unless they are allowed", async () => {
    const { connect } = await world({ allowPrivate: false });
    await expect(connect(`${TARGET}&encryption_key=k`)).rejects.toMatchObject({ status: 403 });
  });

  it("for pages of other origins", async () => {
    const { connect } = await world({ allowedOrigins: ["https://good.example"] });
    const query = `${TARGET}&encryption_key=k`;
    const evil = connect(query, { Origin: "https://evil.example" });
    await expect(evil).rejects.toMatchObject({ status: 403 });
    await expect(connect(query, { Origin: "null" })).rejects.toMatchObject({ status: 403 });
    await connect(query, { Origin: "https://good.example" });
  });

  it("for names that are not the gateway's, which a page could let point here", async () => {
    const { connect } = await world();
    const rebound = connect(`${TARGET}&encryption_key=k`, {
      Host: "evil.example:80",
      Origin: "http://evil.example",
    });
    await expect(rebound).rejects.toMatchObject({ status: 403 });
  });

  it("for too many connections, in all and from one address", async () => {
    const { connect } = await world({ limits: { maxConnectionsPerAddress: 1 } });
    await connect(`${TARGET}&encryption_key=k`);
    const second = connect(`${TARGET}&encryption_key=k`);
    await expect(second).rejects.toMatchObject({ status: 429, body: { code: "limit" } });
  });

  it("for too many openings in a minute", async () => {
    const { connect } = await world({ limits: { opensPerMinute: 1 } });
    (await connect(`${TARGET}&encryption_key=k`)).close();
    const second = connect(`${TARGET}&encryption_key=k`);
    await expect(second).rejects.toMatchObject({ status: 429 });
  });
});

describe("a gateway with API keys", () => {
  it("takes the key in a header, and refuses a wrong one", async () => {
    const { key, store } = await keyed();
    const { connect, opened: link } = await world({ authenticator: apiKeys(store) });
    await connect(`${TARGET}&encryption_key=k`, { Authorization: `Bearer ${key}` });
    await link(0);
    const wrong = { "X-API-Key": (await keyed()).key };
    const refused = connect(`${TARGET}&encryption_key=k`, wrong);
    await expect(refused).rejects.toMatchObject({ status: 401, body: { code: "auth_failed" } });
  });

  it("takes both keys in the first frame, and opens nothing before", async () => {
    const { key, store } = await keyed();
    const { connect, opened: link, links } = await world({ authenticator: apiKeys(store) });
    const page = await connect(TARGET);
    expect(await page.next()).toMatchObject({ status: "CONNECTED" });
    expect(links).toHaveLength(0);
    const auth = { type: "auth", api_key: key, encryption_key: "geheim", authenticate: true };
    page.sendText("ping");
    page.send(auth);
    expect(new TextDecoder().decode((await link(0)).opening.secret)).toBe("geheim");
  });

  it.each([
    [{ type: "data", data: "x" }],
    [{ type: "auth", encryption_key: "k" }],
    [{ type: "auth", api_key: "wrong", encryption_key: "k" }],
  ])("ends with ERROR auth_failed after the first frame %j", async (frame) => {
    const { store } = await keyed();
    const { connect, links } = await world({ authenticator: apiKeys(store) });
    const page = await connect(TARGET);
    page.send(frame);
    expect(await page.until("ERROR")).toMatchObject({ code: "auth_failed", fatal: true });
    await page.closed;
    expect(links).toHaveLength(0);
  });

  it("waits for the first frame only so long", async () => {
    const { store } = await keyed();
    const limits = { authTimeoutMs: 20 };
    const { connect } = await world({ authenticator: apiKeys(store), limits });
    const page = await connect(`${TARGET}&encryption_key=k`);
    expect(await page.until("ERROR")).toMatchObject({ code: "auth_failed" });
  });

  it("ends the links of a key that is withdrawn", async () => {
    const { key, store } = await keyed();
    const { connect, opened: link } = await world({ authenticator: apiKeys(store) });
    const headers = { Authorization: `Bearer ${key}` };
    const page = await connect(`${TARGET}&encryption_key=k`, headers);
    const peer = await link(0);
    const [record] = store.list();
    store.revoke(record?.keyId ?? "");
    expect(await page.until("ERROR")).toMatchObject({ code: "auth_failed" });
    await page.closed;
    await expect.poll(() => peer.closed, SOON).toBe(true);
  });

  it("gives tickets that stand for both keys, once", async () => {
    const { key, store } = await keyed();
    const { http, connect, opened: link } = await world({ authenticator: apiKeys(store) });
    const asked = await fetch(`${http}v0/ws/ticket`, {
      method: "POST",
      headers: { Authorization: `Bearer ${key}` },
      body: JSON.stringify({ encryption_key: "geheim", authenticate: true }),
    });
    const { ticket, expires_in } = await asked.json();
    expect(expires_in).toBe(60);
    expect(ticket).not.toContain("geheim");
    await connect(`${TARGET}&ticket=${ticket}`);
    expect(new TextDecoder().decode((await link(0)).opening.secret)).toBe("geheim");
    await expect(connect(`${TARGET}&ticket=${ticket}`)).rejects.toMatchObject({ status: 401 });
  });

  it("gives no ticket without a key, and none for nonsense", async () => {
    const { key, store } = await keyed();
    const { http } = await world({ authenticator: apiKeys(store) });
    const ask = (body: string, headers = {}) =>
      fetch(`${http}v0/ws/ticket`, { method: "POST", body, headers });
    expect((await ask("{}")).status).toBe(401);
    const headers = { Authorization: `Bearer ${key}` };
    expect((await ask("[]", headers)).status).toBe(400);
    expect((await ask('{"encryption_key":5}', headers)).status).toBe(400);
    expect((await ask("x".repeat(9_000), headers)).status).toBe(413);
  });

  it("shows everybody his own connections alone", async () => {
    const [ann, ben] = [await keyed(), await issueApiKey({ user: "ben" })];
    ann.store.add(ben.record);
    const { http, connect, opened: link } = await world({ authenticator: apiKeys(ann.store) });
    await connect(`${TARGET}&encryption_key=k&client_id=a`, {
      Authorization: `Bearer ${ann.key}`,
    });
    await link(0);
    const list = async (key: string) => {
      const headers = { Authorization: `Bearer ${key}` };
      return (await fetch(`${http}v0/ws/connections`, { headers })).json();
    };
    expect(await list(ann.key)).toMatchObject([{ connection_id: "a_127.0.0.1_9602" }]);
    expect(await list(ben.key)).toEqual([]);
    expect((await fetch(`${http}v0/ws/connections`)).status).toBe(401);
  });
});
