import { afterEach, describe, expect, it } from "vitest";
import type { Endpoint } from "../core/contracts/datagram-socket.ts";
import { answerBinding } from "../stun/binding-service.ts";
import { openSrmudp, type SrmudpLink } from "../transports/srmudp/index.ts";
import { bindUdp } from "../transports/udp/datagram-socket.ts";
import { createSrmudpClient, type SrmudpClientOptions } from "./client.node.ts";
import { createGateway, type GatewayOptions } from "./index.ts";
import type { SrmudpWebSocketClient } from "./srmudp-client.ts";

/** Busy machines take their time. */
const SOON = { timeout: 8_000 };

const opened: { close(): unknown }[] = [];
const KEY = "a-key-that-both-peers-know";
/** Shorter than people want it, so that losses are noticed while a test waits. */
const TIMES = { spanMs: 100, timeoutMs: 700 };
const ANYWHERE = { host: "127.0.0.1", port: 0 };

afterEach(async () => {
  for (const thing of opened.splice(0).reverse()) await thing.close();
});

interface World {
  client(remotePort: number, options?: SrmudpClientOptions, key?: string): SrmudpWebSocketClient;
}

async function world(options: GatewayOptions = {}): Promise<World> {
  const gateway = createGateway({
    ...{ allowPrivate: true, bindHost: "127.0.0.1", srmudp: TIMES },
    limits: { reconnectDelayMs: 20 },
    ...options,
  });
  opened.push(gateway);
  const { host } = await gateway.listen("http://127.0.0.1:0");
  return {
    client(remotePort, own = {}, key = KEY) {
      const url = `ws://${host}/v0/ws/proxy`;
      const made = createSrmudpClient(url, "127.0.0.1", remotePort, key, own);
      opened.push(made);
      return made;
    },
  };
}

/** A port that nobody has just now. */
async function freePort(): Promise<number> {
  const socket = await bindUdp(ANYWHERE);
  await socket.close();
  return socket.address.port;
}

/** A peer of ours that sends back whatever it gets. */
async function echoPeer(port: number, remotePort: number, secret?: string): Promise<SrmudpLink> {
  const link = await openSrmudp({
    ...{ bind: { host: "127.0.0.1", port }, remote: { host: "127.0.0.1", port: remotePort } },
    ...{ ...TIMES, ...(secret !== undefined && { secret }) },
  });
  opened.push(link);
  // How a link ends is told to the page, which is what these tests look at.
  void echo(link).catch(() => {});
  return link;
}

async function echo(link: SrmudpLink): Promise<void> {
  for await (const message of link.messages) void link.send(message).catch(() => {});
}

function statusesOf(client: SrmudpWebSocketClient): readonly string[] {
  const words: string[] = [];
  client.onStatus(({ status }) => words.push(status));
  return words;
}

async function localPortOf(client: SrmudpWebSocketClient): Promise<number> {
  await expect.poll(() => client.status?.localPort, SOON).toBeGreaterThan(0);
  return client.status?.localPort ?? 0;
}

describe("a page, the gateway and a peer of ours", () => {
  it("carry text and bytes of all sizes there and back", async () => {
    const { client } = await world();
    const port = await freePort();
    const page = client(port);
    const words = statusesOf(page);
    await page.connect();
    await echoPeer(port, await localPortOf(page));
    await page.established();
    expect(words).toEqual(["CONNECTED", "UDP_WAITING", "UDP_ESTABLISHED"]);
    expect(page.status?.authenticated).toBe(false);
    const messages = page[Symbol.asyncIterator]();
    await page.sendText("grüße 🦀");
    expect((await messages.next()).value).toMatchObject({ text: "grüße 🦀" });
    for (const size of [0, 1, 1_425, 1_426, 1_427, 65_536, 1_000_000]) {
      const bytes = new Uint8Array(size).fill(0xfe);
      await page.sendBinary(bytes);
      const { value } = await messages.next();
      expect(Buffer.compare(value.bytes, bytes)).toBe(0);
    }
  });

  it("prove the key to each other when they are told to", async () => {
    const { client } = await world();
    const port = await freePort();
    const page = client(port, { authenticate: true });
    await page.connect();
    await echoPeer(port, await localPortOf(page), KEY);
    await page.established();
    expect(page.status?.authenticated).toBe(true);
  });

  it("end in ERROR auth_failed within 3 s when the keys differ, never established", async () => {
    const { client } = await world();
    const port = await freePort();
    const page = client(port, { authenticate: true });
    const words = statusesOf(page);
    await page.connect();
    const localPort = await localPortOf(page);
    const startMs = performance.now();
    await echoPeer(port, localPort, "another key altogether");
    await expect(page.established()).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
    expect(performance.now() - startMs).toBeLessThan(3_000);
    expect(words).toEqual(["CONNECTED", "UDP_WAITING", "ERROR"]);
  });

  it("find each other again when the peer was closed and started anew", async () => {
    const { client } = await world();
    const port = await freePort();
    const page = client(port);
    const words = statusesOf(page);
    await page.connect();
    const localPort = await localPortOf(page);
    const peer = await echoPeer(port, localPort);
    await page.established();
    await peer.close();
    await expect.poll(() => page.status?.status, SOON).toBe("RECONNECTING");
    await echoPeer(port, localPort);
    await page.established();
    await page.sendText("again");
    expect((await page[Symbol.asyncIterator]().next()).value).toMatchObject({ text: "again" });
    expect(words.slice(3)).toEqual(["RECONNECTING", "UDP_ESTABLISHED"]);
  });

  it("ask a STUN server through the socket of the link, while data flows over it", async () => {
    const server = await stunServer();
    const { client } = await world({ stunServers: [`127.0.0.1:${server.port}`] });
    const port = await freePort();
    const page = client(port);
    await page.connect();
    const localPort = await localPortOf(page);
    await echoPeer(port, localPort);
    await page.established();
    const sent = page.sendBinary(new Uint8Array(200_000));
    await expect(page.discoverPublicAddress()).resolves.toEqual({
      ...{ host: "127.0.0.1", port: localPort },
    });
    await sent;
  });
});

/** A STUN server on loopback, the only kind that tests may ask. */
async function stunServer(): Promise<Endpoint> {
  const socket = await bindUdp(ANYWHERE);
  opened.push(socket);
  socket.receive((bytes, from) => {
    const answer = answerBinding(bytes, from);
    if (answer) socket.send(answer.bytes, from);
  });
  return socket.address;
}
