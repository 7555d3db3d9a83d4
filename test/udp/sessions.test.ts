import {
  type AddressInfo,
  createServer as listenTcp,
  type Socket,
  connect as tcpTo,
} from "node:net";
import { afterEach, expect, test } from "vitest";
import { connect, createServer } from "../../src/presets/node.ts";

const closing: (() => Promise<unknown> | unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const PUBLIC = { public: true };

test.each([
  ["ws", "tcp"],
  ["tcp", "udp"],
  ["tcp", "ws"],
] as const)("a session goes on from %s over %s", async (own, other) => {
  const server = createServer();
  closing.push(() => server.close({ drainMs: 0 }));
  const path = await relay();
  let effects = 0;
  server.procedure("cut", PUBLIC, () => {
    effects += 1;
    path.cut();
    return "done";
  });
  server.procedure("count", PUBLIC, async function* () {
    for (let i = 0; i < 3_000; i++) yield i;
  });
  server.event("tick", PUBLIC);
  const { address } = await server.listen(`${own}://127.0.0.1:0`);
  const fallback = await server.listen(`${other}://127.0.0.1:0`);
  path.to(Number(address.port));
  const client = await connect(`${own}://127.0.0.1:${path.port}`, {
    pin: await server.fingerprint(),
    fallbacks: [fallback.address],
    reconnect: { baseMs: 1, maxMs: 20 },
  });
  closing.push(() => client.close());
  const ticks: unknown[] = [];
  await client.onEvent("tick", (value) => ticks.push(value)).ready;
  const recovered = new Promise<boolean>((resolve) =>
    client.onState((state, _, went) => void (state === "open" && resolve(went))),
  );
  const numbers = collect(client.stream("count"));
  const call = client.call("cut", [], { timeoutMs: 20_000 });
  for (let i = 0; i < 50; i++) await server.broadcast("tick", i);
  expect([await call, effects, await recovered]).toEqual(["done", 1, true]);
  expect(await numbers).toEqual(Array.from({ length: 3_000 }, (_, i) => i));
  await client.ping();
  expect(ticks).toEqual(Array.from({ length: 50 }, (_, i) => i));
  expect(server.sessions.refused).toBe(0);
});

/** A path to a port that can be cut for good. */
async function relay() {
  const sockets = new Set<Socket>();
  let port = 0;
  const listener = listenTcp((near) => {
    const far = tcpTo(port, "127.0.0.1");
    for (const socket of [near, far]) sockets.add(socket.on("error", () => {}));
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const cut = () => {
    listener.close();
    for (const socket of sockets) socket.destroy();
  };
  closing.push(cut);
  const to = (target: number) => {
    port = target;
  };
  return { port: (listener.address() as AddressInfo).port, to, cut };
}

async function collect(items: AsyncIterable<unknown>): Promise<unknown[]> {
  const taken: unknown[] = [];
  for await (const item of items) taken.push(item);
  return taken;
}
