import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { WebSocket as NodeWebSocket } from "ws";
import type { Channel } from "../../core/contracts/transport.ts";
import type { WebSocketOptions } from "./options.ts";
import { websocket } from "./websocket.browser.ts";
import { websocket as nodeWebsocket } from "./websocket.ts";

const { signal } = new AbortController();
const opened: { close(): unknown }[] = [];

beforeEach(() => {
  // The library's WebSocket has the browser's interface; browsers themselves are tested apart.
  vi.stubGlobal("WebSocket", NodeWebSocket);
});

afterEach(async () => {
  for (const thing of opened.splice(0)) await thing.close();
  vi.unstubAllGlobals();
});

function kept<Thing extends { close(): unknown }>(thing: Thing): Thing {
  opened.push(thing);
  return thing;
}

async function ends(options: WebSocketOptions = {}): Promise<{ near: Channel; far: Channel }> {
  const server = nodeWebsocket({ closeTimeoutMs: 50 });
  const listener = kept(await server.listen(new URL("ws://127.0.0.1:0")));
  const near = await websocket(options).connect(listener.address, { signal });
  const { value } = await listener[Symbol.asyncIterator]().next();
  return { near: kept(near), far: kept(value) };
}

test("cannot listen and says so", async () => {
  await expect(websocket().listen(new URL("ws://127.0.0.1:0"))).rejects.toMatchObject({
    code: "UNSUPPORTED",
  });
});

test("sends and receives text where the dialect has text", async () => {
  const { near, far } = await ends();
  near.text = true;
  far.text = true;
  near.write([new TextEncoder().encode("grüße")]);
  const heard = await far[Symbol.asyncIterator]().next();
  far.write([heard.value]);
  const answer = await near[Symbol.asyncIterator]().next();
  expect(new TextDecoder().decode(answer.value)).toBe("grüße");
});

test("closes when text comes where binary is due", async () => {
  const { near, far } = await ends();
  near.text = false;
  far.text = true;
  far.write([Uint8Array.of(0x61)]);
  await expect(near[Symbol.asyncIterator]().next()).rejects.toMatchObject({
    code: "PROTOCOL_VIOLATION",
  });
  await expect(far[Symbol.asyncIterator]().next()).rejects.toMatchObject({
    message: expect.stringContaining("4003"),
  });
});

test("refuses a message larger than maxFrameBytes", async () => {
  const { near, far } = await ends({ maxFrameBytes: 10 });
  far.write([new Uint8Array(11)]);
  await expect(near[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: "TOO_LARGE" });
});

test("closes when more comes than it may hold, because it cannot make the peer wait", async () => {
  const { near, far } = await ends({ maxFrameBytes: 1_000, maxWaitingBytes: 1_000 });
  const closed = far[Symbol.asyncIterator]().next();
  far.write([new Uint8Array(1_000), new Uint8Array(1_000), new Uint8Array(1_000)]);
  await expect(closed).rejects.toMatchObject({ message: expect.stringContaining("4009") });
  const chunks = near[Symbol.asyncIterator]();
  await chunks.next();
  await chunks.next();
  await expect(chunks.next()).rejects.toMatchObject({ code: "TOO_LARGE" });
});

test("says where it cannot connect although the browser gives no reason", async () => {
  const server = await nodeWebsocket().listen(new URL("ws://127.0.0.1:0"));
  await server.close();
  await expect(websocket().connect(server.address, { signal })).rejects.toMatchObject({
    code: "UNAVAILABLE",
    message: expect.stringContaining(server.address.host),
  });
});

test("stops connecting when the signal is aborted meanwhile", async () => {
  const listener = kept(await nodeWebsocket().listen(new URL("ws://127.0.0.1:0")));
  const controller = new AbortController();
  const connecting = websocket().connect(listener.address, { signal: controller.signal });
  controller.abort();
  await expect(connecting).rejects.toMatchObject({ code: "CANCELLED" });
});
