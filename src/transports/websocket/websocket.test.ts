import { connect as netConnect, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { type RawData, WebSocket } from "ws";
import type { Channel, Listener } from "../../core/contracts/transport.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { type NodeWebSocketOptions, websocket } from "./websocket.ts";

const { signal } = new AbortController();
const opened: { close(): unknown }[] = [];

afterEach(async () => {
  for (const thing of opened.splice(0)) await thing.close();
});

function kept<Thing extends { close(): unknown }>(thing: Thing): Thing {
  opened.push(thing);
  return thing;
}

async function listening(options: NodeWebSocketOptions = {}, path = "/"): Promise<Listener> {
  const transport = websocket({ closeTimeoutMs: 50, ...options });
  return kept(await transport.listen(new URL(`ws://127.0.0.1:0${path}`)));
}

function foreign(listener: Listener, headers: Record<string, string> = {}): WebSocket {
  const client = new WebSocket(listener.address, { headers });
  kept({ close: () => client.on("error", () => {}).terminate() });
  return client;
}

async function accepted(options: NodeWebSocketOptions = {}) {
  const listener = await listening(options);
  const client = foreign(listener);
  await new Promise((resolve) => client.once("open", resolve));
  const { value } = await listener[Symbol.asyncIterator]().next();
  const channel: Channel = kept(value);
  return { client, channel, chunks: channel[Symbol.asyncIterator]() };
}

function status(listener: Listener, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve) => {
    const client = foreign(listener, headers);
    client.on("open", () => resolve(101));
    client.on("unexpected-response", (request, response) => {
      request.destroy();
      resolve(response.statusCode ?? 0);
    });
  });
}

function rawSocket(listener: Listener): Socket {
  const socket = netConnect(Number(listener.address.port), "127.0.0.1").on("error", () => {});
  kept({ close: () => socket.destroy() });
  return socket;
}

function closing(client: WebSocket): Promise<number> {
  return new Promise((resolve) => client.on("close", resolve));
}

test("sends and receives text frames where the dialect has text", async () => {
  const { client, channel, chunks } = await accepted();
  channel.text = true;
  const heard = new Promise<[RawData, boolean]>((resolve) => {
    client.on("message", (data, binary) => resolve([data, binary]));
  });
  channel.write([new TextEncoder().encode("grüße")]);
  const [data, binary] = await heard;
  expect([String(data), binary]).toEqual(["grüße", false]);
  client.send("zurück");
  expect(new TextDecoder().decode((await chunks.next()).value)).toBe("zurück");
});

test("closes with 1003 when text comes where the dialect has binary", async () => {
  const { client, channel, chunks } = await accepted();
  channel.text = false;
  const code = closing(client);
  client.send("text");
  await expect(chunks.next()).rejects.toMatchObject({ code: "PROTOCOL_VIOLATION" });
  expect(await code).toBe(1003);
});

test("hands a dialect of text an empty chunk for a binary frame, so that it can answer", async () => {
  const { client, channel, chunks } = await accepted();
  channel.text = true;
  client.send(Buffer.of(1));
  client.send("and on it goes");
  expect((await chunks.next()).value).toHaveLength(0);
  expect(new TextDecoder().decode((await chunks.next()).value)).toBe("and on it goes");
});

test("takes both kinds before the dialect is known", async () => {
  const { client, chunks } = await accepted();
  client.send("t");
  client.send(Buffer.of(1));
  expect((await chunks.next()).value).toEqual(Uint8Array.of(0x74));
  expect((await chunks.next()).value).toEqual(Uint8Array.of(1));
});

test("refuses a message larger than maxFrameBytes", async () => {
  const { client, chunks } = await accepted({ maxFrameBytes: 100 });
  const code = closing(client);
  client.send(new Uint8Array(101));
  await expect(chunks.next()).rejects.toMatchObject({ code: "TOO_LARGE" });
  expect(await code).toBe(1009);
});

test.each([1000, 1001])("ends in order when the peer closes with %i", async (code) => {
  const { client, chunks } = await accepted();
  client.close(code);
  expect(await chunks.next()).toEqual({ done: true, value: undefined });
});

test("throws what the peer gave as its reason to close", async () => {
  const { client, chunks } = await accepted();
  client.close(4001, "go away");
  await expect(chunks.next()).rejects.toMatchObject({
    code: "UNAVAILABLE",
    message: expect.stringContaining("4001: go away"),
  });
});

test("throws UNAVAILABLE when the path is cut", async () => {
  const { client, chunks } = await accepted();
  client.terminate();
  await expect(chunks.next()).rejects.toMatchObject({ code: "UNAVAILABLE" });
});

test("throws PROTOCOL_VIOLATION at frames that are none", async () => {
  const listener = await listening();
  const socket = rawSocket(listener);
  const key = "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n";
  socket.write(
    `GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n${key}\r\n`,
  );
  const { value } = await listener[Symbol.asyncIterator]().next();
  socket.write(Buffer.of(0xff, 0xff, 0xff, 0xff));
  await expect(kept(value)[Symbol.asyncIterator]().next()).rejects.toMatchObject({
    code: "PROTOCOL_VIOLATION",
  });
});

test("tells the peer the kind of a failure, not its words", async () => {
  const { client, channel } = await accepted();
  const reason = new Promise<[number, string]>((resolve) => {
    client.on("close", (code, text) => resolve([code, text.toString()]));
  });
  await channel.close(new SealwireError("PERMISSION_DENIED", "inner detail"));
  expect(await reason).toEqual([1008, ""]);
});

test("lets pages of its own host and programs without origin in, others not", async () => {
  const listener = await listening({ allowedOrigins: ["https://friend.example"] });
  const own = `http://127.0.0.1:${listener.address.port}`;
  expect(await status(listener, {})).toBe(101);
  expect(await status(listener, { Origin: own })).toBe(101);
  expect(await status(listener, { Origin: "https://friend.example" })).toBe(101);
  expect(await status(listener, { Origin: "https://evil.example" })).toBe(403);
  expect(await status(listener, { Origin: "null" })).toBe(403);
});

test("lets every page in when that is written out", async () => {
  const listener = await listening({ allowedOrigins: "any" });
  expect(await status(listener, { Origin: "https://evil.example" })).toBe(101);
});

test("says what it was answered instead of a WebSocket", async () => {
  const listener = await listening({}, "/right");
  const wrong = new URL("/wrong", listener.address);
  await expect(websocket().connect(wrong, { signal })).rejects.toMatchObject({
    code: "HANDSHAKE_FAILED",
    message: expect.stringContaining("HTTP 404"),
  });
});

test("answers an ordinary request with 426, or as it was told", async () => {
  const silent = await listening();
  const spoken = await listening({ request: (_, response) => response.end("a page") });
  const of = (listener: Listener) => fetch(`http://127.0.0.1:${listener.address.port}/`);
  expect((await of(silent)).status).toBe(426);
  expect(await (await of(spoken)).text()).toBe("a page");
});

test("cuts off who does not send its headers in time", async () => {
  const listener = await listening({ headersTimeoutMs: 30 });
  const slow = rawSocket(listener);
  slow.write("GET / HTTP/1.1\r\nHost: ");
  slow.resume();
  await expect(new Promise((resolve) => slow.on("close", resolve))).resolves.toBe(false);
});

test("answers headers that are too large with 431", async () => {
  const listener = await listening({ maxHeaderBytes: 1_000 });
  const socket = rawSocket(listener);
  const answer = new Promise((resolve) => socket.once("data", (data) => resolve(`${data}`)));
  socket.write(`GET / HTTP/1.1\r\nX: ${"x".repeat(2_000)}\r\n\r\n`);
  expect(await answer).toMatch(/^HTTP\/1.1 431/);
});

test("chooses the subprotocol it knows and does without where none is offered", async () => {
  const listener = await listening();
  const named = kept(await websocket().connect(listener.address, { signal }));
  const unnamed = await websocket({ subprotocols: [] }).connect(listener.address, { signal });
  expect(kept(unnamed).boundaries).toBe(named.boundaries);
  const other = websocket({ subprotocols: ["other"] }).connect(listener.address, { signal });
  await expect(other).rejects.toMatchObject({ code: "UNAVAILABLE" });
});

test("stops connecting when the signal is aborted meanwhile", async () => {
  const listener = await listening();
  const controller = new AbortController();
  const connecting = websocket().connect(listener.address, { signal: controller.signal });
  controller.abort();
  await expect(connecting).rejects.toMatchObject({ code: "CANCELLED" });
});

test("refuses addresses of another scheme, and limits that are none", async () => {
  const refused = expect.objectContaining({ code: "INVALID_ARGUMENT" });
  await expect(websocket().connect(new URL("wss://127.0.0.1"), { signal })).rejects.toEqual(
    refused,
  );
  await expect(websocket().connect(new URL("ws://u:p@h"), { signal })).rejects.toEqual(refused);
  expect(() => websocket({ maxFrameBytes: 0.5 })).toThrow(refused);
});
