import { connect, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import type { Channel, Listener } from "../../core/contracts/transport.ts";
import { nodeBox } from "../../crypto/providers/node-box.node.ts";
import { transportSuite } from "../../testing/transport-suite.ts";
import { formatGreeting } from "./greeting.ts";
import type { ZeromqOptions } from "./options.ts";
import { zeromq } from "./zeromq.ts";

const secretKey = new Uint8Array(32).fill(7);
const serverKey = nodeBox().publicKey(secretKey);
const address = new URL("zmq://127.0.0.1:0");

transportSuite("zeromq", () => ({ transport: zeromq(), address }));

transportSuite("zeromq with CURVE", () => ({
  transport: zeromq({ curve: { secretKey, serverKey } }),
  address,
}));

const opened: { close(): unknown }[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((thing) => thing.close()));
});

function kept<Thing extends { close(): unknown }>(thing: Thing): Thing {
  opened.push(thing);
  return thing;
}

async function listening(options: ZeromqOptions = {}, at = address): Promise<Listener> {
  return kept(await zeromq(options).listen(at));
}

/** Somebody who speaks TCP and says this. */
function stranger(listener: Listener, says: Uint8Array): { readonly closed: Promise<unknown> } {
  const socket: Socket = connect({ port: Number(listener.address.port), host: "127.0.0.1" });
  kept({ close: () => socket.destroy() });
  socket.on("error", () => {}).resume();
  socket.write(says);
  return { closed: new Promise((resolve) => socket.once("close", resolve)) };
}

async function connected(listener: Listener, options: ZeromqOptions = {}): Promise<Channel> {
  const { signal } = new AbortController();
  return kept(await zeromq(options).connect(listener.address, { signal }));
}

test("peers that greet halfway hold up nobody, and are cut off when their time is up", async () => {
  const listener = await listening({ handshakeTimeoutMs: 1_000 });
  const greeting = formatGreeting("NULL", false);
  const halves = [0, 1, 10, 11, 63, 64].map((count) =>
    stranger(listener, greeting.subarray(0, count)),
  );
  await connected(listener);
  const { value } = await listener[Symbol.asyncIterator]().next();
  kept(value);
  await Promise.all(halves.map(({ closed }) => closed));
});

test("many who greet at the same time are not taken for a leak", async () => {
  const warned: Error[] = [];
  const warn = (warning: Error) => warned.push(warning);
  process.on("warning", warn);
  kept({ close: () => process.off("warning", warn) });
  const listener = await listening();
  for (let i = 0; i < 12; i++) stranger(listener, formatGreeting("NULL", false));
  await connected(listener);
  expect(warned).toEqual([]);
});

test("a listener that closes cuts off those who have not greeted yet", async () => {
  const listener = await listening();
  const half = stranger(listener, formatGreeting("NULL", false));
  await connected(listener);
  await listener.close();
  await half.closed;
});

test("more strangers than may wait are cut off at once", async () => {
  const listener = await listening({ maxPending: 2 });
  const strangers = Array.from({ length: 3 }, () => stranger(listener, Uint8Array.of(0xff)));
  await Promise.race(strangers.map(({ closed }) => closed));
});

test("localhost is listened to where libzmq looks for it", async () => {
  const listener = await listening({}, new URL("nacl-box+zmq://localhost:0"));
  expect(listener.address.href).toMatch(/^nacl-box\+zmq:\/\/127\.0\.0\.1:\d+$/);
});

describe("it says what is missing or wrong", () => {
  const curve = { curve: { secretKey } };

  test("when CURVE should listen without a key that others can know", async () => {
    await expect(zeromq({ curve: { serverKey } }).listen(address)).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringContaining("curve.secretKey"),
    });
  });

  test("when CURVE should connect to a server without a known key", async () => {
    const listener = await listening(curve);
    await expect(connected(listener, curve)).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringContaining("curve.serverKey"),
    });
  });

  test.each([
    [{ maxMessageBytes: 0 }, "maxMessageBytes is 0"],
    [{ maxParts: 1.5 }, "maxParts is 1.5"],
    [{ heartbeatMs: 0 }, "heartbeatMs is 0"],
    [{ heartbeatMs: 1e12 }, "heartbeatMs"],
    [{ handshakeTimeoutMs: 1e12 }, "handshakeTimeoutMs"],
    [{ curve: { secretKey: new Uint8Array(31) } }, "curve.secretKey is 31 bytes"],
    [{ curve: { secretKey, serverKey: new Uint8Array(0) } }, "curve.serverKey is 0 bytes"],
  ] as const)("about the options %o", (options, words) => {
    expect(() => zeromq(options)).toThrow(
      expect.objectContaining({
        code: "INVALID_ARGUMENT",
        message: expect.stringContaining(words),
      }),
    );
  });
});
