import { connect, createServer, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { tcpLimits } from "./options.ts";
import { SharedRead, withTap } from "./shared-read.ts";
import { SocketChannel } from "./socket-channel.ts";

const closers: (() => unknown)[] = [];

afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function socketPair(): Promise<{ near: Socket; far: Socket }> {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const bound = server.address();
  if (bound === null || typeof bound === "string") throw new Error("not bound");
  const arrival = new Promise<Socket>((resolve) => server.once("connection", resolve));
  const near = connect({ port: bound.port, host: "127.0.0.1" });
  const far = await arrival;
  closers.push(() => [near.destroy(), far.destroy(), server.close()]);
  return { near, far };
}

test("reads by events where the handle cannot be had", async () => {
  const { near, far } = await socketPair();
  const limits = tcpLimits({ maxWaitingBytes: 1_000 });
  const channel = new SocketChannel(far, { limits });
  const total = 3_000_000;
  near.end(new Uint8Array(total).fill(7));
  let received = 0;
  for await (const chunk of channel) {
    expect(chunk.constructor).toBe(Uint8Array);
    received += chunk.length;
  }
  expect(received).toBe(total);
});

test("does not read before the first chunk is asked for", async () => {
  const { near, far } = await socketPair();
  const channel = new SocketChannel(far, { limits: tcpLimits({}) });
  await new Promise<void>((resolve) => near.write("early", () => resolve()));
  expect(far.bytesRead).toBe(0);
  expect((await channel[Symbol.asyncIterator]().next()).value).toHaveLength(5);
});

test("takes a server's socket over so that it is read through the tap", async () => {
  const { near, far } = await socketPair();
  const tap = new SharedRead().tap();
  const socket = withTap(far, tap, 1_000);
  if (socket === undefined) throw new Error("this Node hides the handle of a socket");
  closers.push(() => socket.destroy());
  const delivered = new Promise<Uint8Array>((resolve) => {
    tap.deliver = (chunk) => {
      resolve(chunk);
      return true;
    };
  });
  socket.resume();
  near.write("tapped");
  expect(Buffer.from(await delivered).toString()).toBe("tapped");
});

test("leaves a socket alone that has no such handle", async () => {
  const { far } = await socketPair();
  far.destroy();
  expect(withTap(far, new SharedRead().tap(), 1_000)).toBeUndefined();
});

test("copies what was read, small and large, so that the next read does not change it", () => {
  const { onread } = new SharedRead().tap();
  const tap = new SharedRead().tap();
  expect(onread).not.toBe(tap.onread);
  const delivered: Uint8Array[] = [];
  tap.deliver = (chunk) => delivered.push(chunk) > 0;
  const buffer = tap.onread.buffer;
  if (typeof buffer === "function") throw new Error("one buffer was expected");
  for (const length of [3, 16_000, 5_000, 3]) {
    buffer.fill(delivered.length + 1);
    tap.onread.callback(length, buffer);
  }
  expect(delivered.map((chunk) => chunk.length)).toEqual([3, 16_000, 5_000, 3]);
  const [first, ...others] = delivered.map((chunk) => new Set(chunk));
  expect([first, ...others]).toEqual([new Set([1]), new Set([2]), new Set([3]), new Set([4])]);
});
