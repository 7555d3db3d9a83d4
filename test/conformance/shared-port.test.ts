import { afterEach, expect, test } from "vitest";
import type { Channel } from "../../src/core/contracts/transport.ts";
import { memoryPair } from "../../src/transports/memory/index.ts";
import { tcp, tlsLayer } from "../../src/transports/tcp/index.ts";
import { httpLayer, secureWebsocket, websocket } from "../../src/transports/websocket/index.ts";
import { makeCertificate } from "./certificate.ts";

const certificate = makeCertificate();
const { signal } = new AbortController();
const opened: { close(): unknown }[] = [];

afterEach(async () => {
  for (const thing of opened.splice(0)) await thing.close();
});

function kept<Thing extends { close(): unknown }>(thing: Thing): Thing {
  opened.push(thing);
  return thing;
}

/** A port that lets everybody through TLS and HTTP, as far as they begin with it. */
async function sharedPort() {
  const layers = [tlsLayer(certificate), httpLayer()];
  const listener = kept(await tcp({ closeTimeoutMs: 50 }).listen(new URL("tcp://127.0.0.1:0")));
  const arrivals = listener[Symbol.asyncIterator]();
  const through = async (channel: Channel): Promise<Channel | undefined> => {
    const { value: head } = await channel[Symbol.asyncIterator]().next();
    const layer = layers.find((each) => each.recognizes(head) === true);
    const inner = await layer?.accept(channel, head);
    return inner === undefined || inner.boundaries === "kept" ? inner : through(inner);
  };
  const next = async () => through((await arrivals.next()).value);
  return { port: listener.address.port, next };
}

async function echoOnce(near: Channel, far: Channel): Promise<Uint8Array> {
  near.write([Uint8Array.of(1, 2, 3)]);
  const { value } = await far[Symbol.asyncIterator]().next();
  far.write([value]);
  return (await near[Symbol.asyncIterator]().next()).value;
}

test("upgrades a WebSocket on a port of TCP", async () => {
  const { port, next } = await sharedPort();
  const [near, far] = await Promise.all([
    websocket().connect(new URL(`ws://127.0.0.1:${port}/any`), { signal }),
    next(),
  ]);
  if (far === undefined) throw new Error("no channel");
  expect(await echoOnce(kept(near), kept(far))).toEqual(Uint8Array.of(1, 2, 3));
  expect(far.protection).toBeUndefined();
});

test("upgrades a WebSocket inside TLS on the same port and knows what protects it", async () => {
  const { port, next } = await sharedPort();
  const transport = secureWebsocket({ ca: certificate.cert });
  const [near, far] = await Promise.all([
    transport.connect(new URL(`wss://127.0.0.1:${port}`), { signal }),
    next(),
  ]);
  if (far === undefined) throw new Error("no channel");
  expect(await echoOnce(kept(near), kept(far))).toEqual(Uint8Array.of(1, 2, 3));
  expect([near.protection, far.protection]).toEqual([{ by: "TLSv1.3" }, { by: "TLSv1.3" }]);
  expect(far.remote).toMatch(/^127\.0\.0\.1:\d+$/);
});

test("serves a page itself and gives no channel", async () => {
  const { port, next } = await sharedPort();
  const served = next();
  const response = await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: "close" } });
  expect(response.status).toBe(426);
  expect(await served).toBeUndefined();
});

test("serves requests with a body larger than what was read as head", async () => {
  const request = httpLayer({
    request: (message, response) => {
      let length = 0;
      message.on("data", (chunk: Uint8Array) => {
        length += chunk.length;
      });
      message.on("end", () => response.end(String(length)));
    },
  });
  const listener = kept(await tcp().listen(new URL("tcp://127.0.0.1:0")));
  const served = (async () => {
    const { value } = await listener[Symbol.asyncIterator]().next();
    const head = await value[Symbol.asyncIterator]().next();
    return request.accept(value, head.value);
  })();
  const body = new Uint8Array(500_000);
  const url = `http://127.0.0.1:${listener.address.port}/`;
  const headers = { connection: "close" };
  const response = await fetch(url, { method: "POST", body, headers });
  expect(await response.text()).toBe("500000");
  expect(await served).toBeUndefined();
});

test("tells HTTP from its first four bytes", () => {
  const { recognizes } = httpLayer();
  const bytes = (text: string) => new TextEncoder().encode(text);
  expect(recognizes(bytes(""))).toBeUndefined();
  expect(recognizes(bytes("PO"))).toBeUndefined();
  expect(recognizes(bytes("GET /"))).toBe(true);
  expect(recognizes(bytes("DELETE /"))).toBe(true);
  expect(recognizes(bytes("GETX"))).toBe(false);
  expect(recognizes(Uint8Array.of(0))).toBe(false);
});

test("says UNSUPPORTED for channels that have no socket", async () => {
  const [channel] = memoryPair();
  const head = new Uint8Array(0);
  const unsupported = { code: "UNSUPPORTED" };
  await expect(httpLayer().accept(channel, head)).rejects.toMatchObject(unsupported);
  await expect(tlsLayer(certificate).accept(channel, head)).rejects.toMatchObject(unsupported);
});
