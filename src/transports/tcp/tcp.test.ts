import { connect, createServer, type Server, Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import type { Channel, Listener } from "../../core/contracts/transport.ts";
import { tcp } from "./tcp.ts";

const opened: { close(): unknown }[] = [];

afterEach(async () => {
  for (const thing of opened.splice(0)) await thing.close();
});

function kept<Thing extends { close(): unknown }>(thing: Thing): Thing {
  opened.push(thing);
  return thing;
}

async function listening(address = "tcp://127.0.0.1:0"): Promise<Listener> {
  return kept(await tcp({ closeTimeoutMs: 50 }).listen(new URL(address)));
}

/** A foreign program's end, and ours. */
async function accepted(address?: string): Promise<{ foreign: Socket; channel: Channel }> {
  const listener = await listening(address);
  const foreign = connect({ port: Number(listener.address.port), host: "127.0.0.1" });
  foreign.on("error", () => {});
  kept({ close: () => foreign.destroy() });
  const { value } = await listener[Symbol.asyncIterator]().next();
  return { foreign, channel: kept(value) };
}

async function foreignServer(answer: (socket: Socket) => void): Promise<URL> {
  const sockets: Socket[] = [];
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket.on("error", () => {}));
    answer(socket);
  });
  kept({
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const bound = server.address();
  if (bound === null || typeof bound === "string") throw new Error("not bound");
  return new URL(`tcp://127.0.0.1:${bound.port}`);
}

function connected(address: URL): Promise<Channel> {
  const { signal } = new AbortController();
  return tcp({ closeTimeoutMs: 50 }).connect(address, { signal }).then(kept);
}

test("throws UNAVAILABLE when the peer resets the path", async () => {
  const { foreign, channel } = await accepted();
  const reading = channel[Symbol.asyncIterator]().next();
  foreign.resetAndDestroy();
  await expect(reading).rejects.toMatchObject({ code: "UNAVAILABLE" });
});

test("still sends to a peer that has said its last word but listens", async () => {
  const { foreign, channel } = await accepted();
  const heard = new Promise<string>((resolve) =>
    foreign.once("data", (data) => resolve(`${data}`)),
  );
  foreign.end();
  expect(await channel[Symbol.asyncIterator]().next()).toMatchObject({ done: true });
  channel.write([Uint8Array.of(0x68, 0x69)]);
  expect(await heard).toBe("hi");
});

test("listens to both families at once and shows IPv4 peers as IPv4", async () => {
  const { channel } = await accepted("tcp://[::]:0");
  expect(channel.remote).toMatch(/^127\.0\.0\.1:\d+$/);
});

test("does not wait for ever for a peer that does not close", async () => {
  const silent = await foreignServer((socket) => socket.resume());
  const channel = await connected(silent);
  await expect(channel.close()).resolves.toBeUndefined();
});

test("hands its socket to a layer with everything read put back", async () => {
  const { foreign, channel } = await accepted();
  const chunks = channel[Symbol.asyncIterator]();
  foreign.write("head");
  const { value: head } = await chunks.next();
  const socket = channel.detach?.(head);
  if (!(socket instanceof Socket)) throw new Error("no socket");
  const read = new Promise<string>((resolve) => {
    let text = "";
    socket.on("data", (data) => {
      text += String(data);
      if (text.length === 8) resolve(text);
    });
  });
  socket.resume();
  foreign.write("tail");
  expect(await read).toBe("headtail");
  socket.destroy();
});

test("does not hand over a socket whose peer has left", async () => {
  const { foreign, channel } = await accepted();
  foreign.end();
  await channel[Symbol.asyncIterator]().next();
  expect(() => channel.detach?.(new Uint8Array(0))).toThrow(
    expect.objectContaining({ code: "UNAVAILABLE" }),
  );
});

test("says who is not there", async () => {
  await expect(connected(new URL("tcp://127.0.0.1:1"))).rejects.toMatchObject({
    code: "UNAVAILABLE",
    message: expect.stringContaining("127.0.0.1:1 (ECONNREFUSED)"),
  });
});

test("says which name is unknown", async () => {
  await expect(connected(new URL("tcp://nowhere.invalid:7000"))).rejects.toMatchObject({
    code: "UNAVAILABLE",
    message: expect.stringContaining("nowhere.invalid:7000"),
  });
});

test("stops connecting when the signal is aborted meanwhile", async () => {
  const address = await foreignServer(() => {});
  const controller = new AbortController();
  const connecting = tcp().connect(address, { signal: controller.signal });
  controller.abort();
  await expect(connecting).rejects.toMatchObject({ code: "CANCELLED" });
});

test.each(["tcp://127.0.0.1", "tcp://u:p@127.0.0.1:7", "tcp://127.0.0.1:7/path"])(
  "refuses %s without repeating what may be secret in it",
  async (address) => {
    const refusal = await connected(new URL(address)).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: "INVALID_ARGUMENT" });
    expect(String(refusal)).not.toContain("u:p");
  },
);

test("refuses an address that is not of this machine", async () => {
  await expect(listening("tcp://192.0.2.1:0")).rejects.toMatchObject({
    code: "INVALID_ARGUMENT",
    message: expect.stringContaining("192.0.2.1:0"),
  });
});

test("cuts off those who come when too many wait", async () => {
  const listener = kept(await tcp({ maxPending: 1 }).listen(new URL("tcp://127.0.0.1:0")));
  const first = await connected(listener.address);
  const second = await connected(listener.address);
  const outcome = await second[Symbol.asyncIterator]()
    .next()
    .catch(() => ({ done: true }));
  expect(outcome.done).toBe(true);
  const arrival = await listener[Symbol.asyncIterator]().next();
  expect(arrival.done).toBe(false);
  kept(arrival.value);
  await first.close();
});

test("refuses limits that are none", () => {
  expect(() => tcp({ maxWaitingBytes: 0 })).toThrow(
    expect.objectContaining({
      code: "INVALID_ARGUMENT",
      message: expect.stringContaining("maxWaitingBytes is 0"),
    }),
  );
});
