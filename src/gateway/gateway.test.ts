import { afterEach, describe, expect, it } from "vitest";
import { type FakeLinks, fakeLinks } from "../../test/gateway/fake-links.ts";
import { type RawClient, rawClient } from "../../test/gateway/raw-client.ts";
import { SealwireError } from "../core/model/errors.ts";
import { createGateway, type GatewayOptions } from "./index.ts";

/** Busy machines take their time. */
const SOON = { timeout: 8_000 };

const opened: { close(): unknown }[] = [];
const TARGET = "remote_host=127.0.0.1&remote_port=9602";
const KEYED = `${TARGET}&encryption_key=geheim`;

afterEach(async () => {
  for (const thing of opened.splice(0).reverse()) await thing.close();
});

interface World extends FakeLinks {
  readonly url: string;
  client(query?: string, path?: string): Promise<RawClient>;
}

async function world(options: GatewayOptions = {}): Promise<World> {
  const links = fakeLinks();
  const proxy = createGateway({ allowPrivate: true, links: { srmudp: links.open }, ...options });
  opened.push(proxy);
  const url = (await proxy.listen("http://127.0.0.1:0")).href.replace(/^http/, "ws");
  const client = async (query = KEYED, path = "v0/ws/proxy") => {
    const made = await rawClient(`${url}${path}?${query}`);
    opened.push(made);
    return made;
  };
  return Object.assign(links, { url, client });
}

describe("a connection of /v0/ws/proxy", () => {
  it("is told each status when it becomes true", async () => {
    const { client, opened: link } = await world();
    const page = await client(`${KEYED}&client_id=ann`);
    const connection_id = "ann_127.0.0.1_9602";
    expect(await page.next()).toMatchObject({ type: "status", status: "CONNECTED", connection_id });
    expect(await page.next()).toMatchObject({ status: "UDP_WAITING", local_port: 40_000 });
    (await link(0)).establish();
    expect(await page.next()).toEqual({
      type: "status",
      status: "UDP_ESTABLISHED",
      message: "UDP connection established with remote peer",
      connection_id,
      local_address: "0.0.0.0:40000",
      local_port: 40_000,
      remote_address: "127.0.0.1:9602",
      authenticated: false,
    });
    (await link(0)).reconnect();
    expect(await page.next()).toMatchObject({
      ...{ status: "RECONNECTING", connection_id, local_port: 40_000 },
      message: expect.stringMatching(/./),
    });
    (await link(0)).establish();
    expect(await page.next()).toMatchObject({ status: "UDP_ESTABLISHED" });
  });

  it("carries text and bytes both ways, and acknowledges what has an id", async () => {
    const { client, opened: link } = await world();
    const page = await client();
    const peer = await link(0);
    page.send({ type: "data", format: "text", data: "grüße", id: 7 });
    expect(await page.until("ack")).toMatchObject({ type: "ack", id: 7 });
    page.send({ type: "data", format: "binary", data: "AP8=", id: "b" });
    expect(await page.until("ack")).toMatchObject({ id: "b" });
    page.send({ type: "data", data: "" });
    page.send({ type: "ping", id: 1 });
    await page.until("pong");
    const texts = peer.sent.map((bytes) => [...bytes]);
    expect(texts).toEqual([[...new TextEncoder().encode("grüße")], [0, 255], []]);
    peer.deliver("hallo");
    peer.deliver(Uint8Array.of(0xff, 0));
    expect(await page.next()).toEqual({ type: "data", format: "text", data: "hallo" });
    expect(await page.next()).toEqual({ type: "data", format: "binary", data: "/wA=" });
  });

  it("gets everything as binary when it asks for that", async () => {
    const { client, opened: link } = await world();
    const page = await client(`${KEYED}&format=binary`);
    (await link(0)).deliver("A");
    expect(await page.until("data")).toMatchObject({ format: "binary", data: "QQ==" });
  });

  it("hears of a message that was lost, by its id", async () => {
    const { client, opened: link } = await world();
    const page = await client();
    const peer = await link(0);
    peer.acknowledges = false;
    page.send({ type: "data", data: "x", id: "lost" });
    page.send({ type: "ping", id: 1 });
    await page.until("pong");
    peer.lose();
    expect(await page.until("error")).toMatchObject({ id: "lost", code: "peer_unreachable" });
  });

  it("ends in ERROR auth_failed when the peer does not know the key", async () => {
    const { client, opened: link } = await world();
    const page = await client(`${KEYED}&authenticate=1&client_id=ann`);
    const peer = await link(0);
    expect(new TextDecoder().decode(peer.opening.secret)).toBe("geheim");
    peer.end(new SealwireError("UNAUTHENTICATED", "the peer does not know the secret"));
    const status = await page.until("ERROR");
    expect(status).toMatchObject({
      ...{ type: "status", code: "auth_failed", fatal: true },
      ...{ connection_id: "ann_127.0.0.1_9602", message: expect.stringMatching(/./) },
    });
    expect(await page.closed).toBe(1000);
  });

  it("hands the key to the link only where the peer must prove it", async () => {
    const { client, opened: link } = await world();
    await client();
    expect((await link(0)).opening.secret).toBeUndefined();
  });

  it("opens the link again on the same port when the peer has closed it", async () => {
    const { client, opened: link } = await world({ limits: { reconnectDelayMs: 1 } });
    const page = await client();
    (await link(0)).establish();
    (await link(0)).end();
    expect(await page.until("RECONNECTING")).toMatchObject({ local_port: 40_000 });
    const again = await link(1);
    expect(again.opening.bind.port).toBe(40_000);
    again.establish(true);
    expect(await page.next()).toMatchObject({ status: "UDP_ESTABLISHED", authenticated: true });
  });

  it("gives up a peer that never answers", async () => {
    const { client } = await world({ limits: { waitingTimeoutMs: 30 } });
    const page = await client();
    expect(await page.until("ERROR")).toMatchObject({ code: "peer_unreachable", fatal: true });
    await page.closed;
  });

  it("gives up after so many openings that came to nothing", async () => {
    const limits = { reconnectDelayMs: 1, reconnectAttempts: 2 };
    const made = await world({ limits });
    made.failWith = new SealwireError("ALREADY_EXISTS", "the port is taken");
    const page = await made.client();
    const error = await page.until("ERROR");
    expect(error).toMatchObject({ message: expect.stringMatching(/the port is taken/) });
  });

  it("lives on after frames that it cannot take", async () => {
    const { client, opened: link } = await world({ limits: { maxMessageBytes: 10 } });
    const page = await client();
    page.sendText("no json");
    page.sendText("123");
    page.sendText("[[[");
    page.sendBytes(Uint8Array.of(1, 2));
    page.send({ type: "data", format: "binary", data: "***", id: 1 });
    page.send({ type: "data", data: 5 });
    page.send({ type: "data", data: "x", id: {} });
    page.send({ type: "nonsense" });
    page.send({ type: "data", data: "more than ten", id: 9 });
    page.send({ type: "auth", encryption_key: "late" });
    const errors: unknown[] = [];
    for (let i = 0; i < 10; i++) errors.push((await page.until("error"))["code"]);
    expect(errors).toEqual([...Array(8).fill("bad_request"), "limit", "bad_request"]);
    page.send({ type: "data", data: "fine", id: 2 });
    expect(await page.until("ack")).toMatchObject({ id: 2 });
    expect((await link(0)).sent).toHaveLength(1);
  });

  it("swallows heartbeats and what is reserved", async () => {
    const { client, opened: link } = await world();
    const page = await client();
    for (const text of ["ping", " PONG ", '{"type":"KeepAlive"}', '{"type":"command"}']) {
      page.sendText(text);
    }
    page.send({ type: "ping", id: "mine" });
    expect(await page.until("pong")).toMatchObject({ id: "mine" });
    expect((await link(0)).sent).toEqual([]);
  });

  it("reads no more while much is on the way, and refuses what waits for no link", async () => {
    const { client, opened: link } = await world({ limits: { maxPendingBytes: 300 } });
    const page = await client();
    const peer = await link(0);
    peer.acknowledges = false;
    page.send({ type: "data", data: "a", id: 1 });
    page.send({ type: "data", data: "b", id: 2 });
    page.send({ type: "data", data: "c", id: 3 });
    expect(await page.until("error")).toMatchObject({ id: 3, code: "limit" });
    peer.establish();
    await page.until("UDP_ESTABLISHED");
    page.send({ type: "data", data: "d", id: 4 });
    peer.acknowledges = true;
    for (const id of [1, 2, 4]) expect(await page.until("ack")).toMatchObject({ id });
    expect(peer.sent).toHaveLength(3);
  });

  it("gives up a peer that is there and takes nothing", async () => {
    const limits = { maxPendingBytes: 300, stallTimeoutMs: 30 };
    const { client, opened: link } = await world({ limits });
    const page = await client();
    const peer = await link(0);
    peer.establish();
    peer.acknowledges = false;
    for (const data of ["a", "b", "c"]) page.send({ type: "data", data });
    const error = await page.until("ERROR");
    expect(error).toMatchObject({ message: expect.stringMatching(/taken nothing for 30 ms/) });
    await page.closed;
  });

  it("slows a client down that sends more than it may", async () => {
    const { client, opened: link } = await world({ limits: { bytesPerSecond: 1_000 } });
    const page = await client();
    await link(0);
    const startMs = performance.now();
    page.send({ type: "data", data: "x".repeat(1_100), id: 1 });
    await page.until("ack");
    expect(performance.now() - startMs).toBeGreaterThan(90);
  });

  it("ends the link when the client leaves", async () => {
    const { client, opened: link } = await world();
    const page = await client();
    const peer = await link(0);
    page.close();
    await page.closed;
    await expect.poll(() => peer.closed, SOON).toBe(true);
  });

  it("tells its clients when it ends", async () => {
    const links = fakeLinks();
    const proxy = createGateway({ allowPrivate: true, links: { srmudp: links.open } });
    const { port } = await proxy.listen("http://127.0.0.1:0");
    const page = await rawClient(`ws://127.0.0.1:${port}/v0/ws/proxy?${KEYED}`);
    await links.opened(0);
    await proxy.close();
    expect(await page.until("ERROR")).toMatchObject({ message: /shutting down/ });
    await page.closed;
    expect(links.links[0]?.closed).toBe(true);
  });
});
