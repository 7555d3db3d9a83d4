import { afterEach, describe, expect, it } from "vitest";
import { type FakeLinks, fakeLinks } from "../../test/gateway/fake-links.ts";
import { type RawClient, rawClient } from "../../test/gateway/raw-client.ts";
import { SealwireError } from "../core/model/errors.ts";
import { createGateway, type GatewayOptions } from "./index.ts";

/** Busy machines take their time. */
const SOON = { timeout: 8_000 };

const opened: { close(): unknown }[] = [];

afterEach(async () => {
  for (const thing of opened.splice(0).reverse()) await thing.close();
});

interface World extends FakeLinks {
  readonly http: string;
  client(query?: string): Promise<RawClient>;
}

async function world(options: GatewayOptions = {}): Promise<World> {
  const links = fakeLinks();
  const gateway = createGateway({ allowPrivate: true, links: { srmudp: links.open }, ...options });
  opened.push(gateway);
  const http = (await gateway.listen("http://127.0.0.1:0")).href;
  const client = async (query = "remote_address=127.0.0.1:9602&local_port=9603") => {
    const made = await rawClient(`${http.replace(/^http/, "ws")}v0/ws/bridge?${query}`);
    opened.push(made);
    return made;
  };
  return Object.assign(links, { http, client });
}

describe("a connection of /v0/ws/bridge", () => {
  it("is told nothing before the link is there, and then once", async () => {
    const { client, opened: link } = await world();
    const page = await client();
    (await link(0)).establish();
    expect(await page.next()).toEqual({
      type: "status",
      status: "connected",
      local_address: "0.0.0.0:9603",
      peer_address: "127.0.0.1:9602",
      authenticated: false,
    });
  });

  it("is not pushed aside by another of the same addresses", async () => {
    const { client, opened: link } = await world();
    const first = await client();
    const peer = await link(0);
    const second = await client();
    expect(await second.next()).toMatchObject({ type: "error", code: "conflict" });
    expect(peer.closed).toBe(false);
    first.close();
  });

  it("carries messages both ways", async () => {
    const { client, opened: link } = await world();
    const page = await client();
    const peer = await link(0);
    page.send({ type: "message", data: "eins" });
    page.send({ type: "message", format: "binary", data: "AP8=" });
    page.sendText("kein JSON");
    page.send({ type: "ping", id: 1 });
    await page.until("pong");
    expect(peer.sent.map((bytes) => new TextDecoder().decode(bytes))).toEqual([
      ...["eins", "\0\ufffd", "kein JSON"],
    ]);
    peer.deliver("zwei");
    expect(await page.next()).toEqual({ type: "message", format: "text", data: "zwei" });
  });

  it.each(["ping", "PONG", "heartbeat", " keepalive ", '{"type":"Ping"}', '{"type":"HEARTBEAT"}'])(
    "swallows the heartbeat %j",
    async (text) => {
      const { client, opened: link } = await world();
      const page = await client();
      page.sendText(text);
      page.send({ type: "message", data: "ping", id: 1 });
      expect(await page.next()).toMatchObject({ type: "ack", id: 1 });
      expect((await link(0)).sent).toHaveLength(1);
    },
  );

  it.each([
    [{ type: "data", data: "x" }, "Unknown message type: data"],
    [{}, "Unknown message type: None"],
    [{ type: "message", format: "binary", data: "***" }, /base64/],
    [[1], /no JSON object/],
  ])("answers %j in the field error, and lives on", async (frame, words) => {
    const { client } = await world();
    const page = await client();
    page.send(frame);
    expect(await page.next()).toMatchObject({ type: "error", error: expect.stringMatching(words) });
    page.send({ type: "message", data: "", id: 2 });
    expect(await page.next()).toMatchObject({ type: "ack", id: 2 });
  });

  it("tells in the field message why the link came to nothing, and closes", async () => {
    const { client, opened: link } = await world();
    const page = await client();
    (await link(0)).end(new SealwireError("UNAUTHENTICATED", "the secrets differ"));
    const error = { type: "error", message: "the secrets differ", code: "auth_failed" };
    expect(await page.next()).toEqual(error);
    await page.closed;
  });

  it("discovers the public address of its link, or says why not", async () => {
    const made = await world({ stunServers: ["192.0.2.1"] });
    const page = await made.client();
    await made.opened(0);
    made.publicAddress = { host: "198.51.100.7", port: 5_000 };
    page.send({ type: "discover_public_address" });
    expect(await page.next()).toEqual({
      type: "public_address_discovered",
      ...{ public_ip: "198.51.100.7", public_port: 5_000 },
      ...{ local_address: "0.0.0.0:9603", peer_address: "127.0.0.1:9602" },
      discovery_method: "STUN via active SRMUDP connection",
    });
    made.publicAddress = undefined;
    page.send({ type: "discover_public_address" });
    expect(await page.next()).toMatchObject({
      type: "public_address_discovery_failed",
      error: expect.stringMatching(/no STUN server/),
      peer_address: "127.0.0.1:9602",
    });
  });
});

describe("the answers to ordinary requests", () => {
  async function get(world: World, path: string): Promise<unknown> {
    return (await fetch(world.http + path)).json();
  }

  it("say what it is", async () => {
    const made = await world({ preferredPort: 9_603 });
    expect(await get(made, "v0/health")).toEqual({ status: "ok" });
    expect(await get(made, "bridge-id")).toBe("websocket-srmudp-bridge-v1");
    expect(await get(made, "v0/ws/server-config")).toMatchObject({ preferred_srmudp_port: 9_603 });
    const info = await get(made, "v0/ws/info");
    expect(info).toMatchObject({
      websocket_url: expect.stringMatching(/^ws:\/\/127\.0\.0\.1:\d+\/v0\/ws\/proxy$/),
      parameters: { remote_host: expect.any(String), encryption_key: expect.any(String) },
      udp_connection_info: "udp://127.0.0.1:9603",
      documentation: expect.any(String),
    });
  });

  it("list what is open", async () => {
    const made = await world();
    await made.client();
    (await made.opened(0)).establish();
    await expect
      .poll(() => get(made, "v0/ws/bridges"), SOON)
      .toEqual({
        active_bridges: 1,
        bridges: [
          {
            connection_id: "127.0.0.1:9602_9603",
            local_address: "0.0.0.0:9603",
            peer_address: "127.0.0.1:9602",
            is_connected: true,
            is_running: true,
          },
        ],
      });
    expect(await get(made, "v0/ws/connections")).toEqual([]);
    expect(await get(made, "v0/network/active-ports")).toMatchObject({
      active_bridges: { 9603: expect.anything() },
    });
  });

  it("say that no STUN server is known, with 503", async () => {
    const made = await world();
    for (const path of ["public-ip", "public-address?local_port=0", "srmudp-address"]) {
      const answer = await fetch(`${made.http}v0/network/${path}`);
      expect(answer.status).toBe(503);
      expect(await answer.json()).toMatchObject({ detail: expect.stringMatching(/stunServers/) });
    }
    expect(await get(made, "v0/network/stun-servers")).toMatchObject({ stun_servers: [] });
  });

  it.each([
    ["nothing", "GET", 404],
    ["v0/ws/proxy", "GET", 405],
    ["v0/health", "POST", 405],
    ["v0/ws/ticket", "GET", 405],
    ["v0/network/srmudp-address-test?test_port=80", "GET", 400],
    ["v0/network/srmudp-address-test", "GET", 400],
    ["v0/network/other", "GET", 404],
  ])("%s by %s: %i, with the reason", async (path, method, status) => {
    const made = await world();
    const answer = await fetch(made.http + path, { method });
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ code: expect.any(String) });
  });

  it("let pages read them whose origin is allowed", async () => {
    const made = await world({ allowedOrigins: ["https://good.example"] });
    const ask = (origin: string, method = "GET") =>
      fetch(`${made.http}v0/health`, { method, headers: { Origin: origin } });
    const good = await ask("https://good.example");
    expect(good.headers.get("access-control-allow-origin")).toBe("https://good.example");
    const before = await ask("https://good.example", "OPTIONS");
    expect(before.status).toBe(204);
    expect(before.headers.get("access-control-allow-headers")).toMatch(/Authorization/);
    expect((await ask("https://evil.example")).status).toBe(403);
  });
});
