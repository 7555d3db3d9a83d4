import { afterEach, expect, test } from "vitest";
import { connect, createServer } from "../../src/presets/node.ts";
import { cutPath } from "../cut-path.ts";
import { damagingPath } from "./damaging-path.ts";

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
  const path = await cutPath();
  closing.push(path.close);
  let effects = 0;
  server.procedure("cut", PUBLIC, () => {
    effects += 1;
    void path.close();
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

test("damage on a path that has earned trust costs a channel and loses nothing", async () => {
  const server = createServer();
  closing.push(() => server.close({ drainMs: 0 }));
  const pieces = 480;
  server.procedure("pieces", PUBLIC, async function* () {
    for (let i = 0; i < pieces; i++) yield new Uint8Array(65_536).fill(i & 0xff);
  });
  const { address } = await server.listen("udp://127.0.0.1:0");
  const path = await damagingPath(Number(address.port));
  closing.push(path.close);
  const client = await connect(`udp://127.0.0.1:${path.port}`, {
    pin: await server.fingerprint(),
    reconnect: { baseMs: 1, maxMs: 20 },
  });
  closing.push(() => client.close());
  const states: string[] = [];
  client.onState((state, error) => void states.push(error === undefined ? state : error.code));
  let count = 0;
  for await (const piece of client.stream("pieces")) {
    const isWhole = piece instanceof Uint8Array && piece.length === 65_536;
    expect(isWhole && piece.every((byte) => byte === (count & 0xff))).toBe(true);
    count += 1;
    if (count === 350) path.damage(3);
  }
  expect(count).toBe(pieces);
  expect(states[0]).toBe("RECORD_REJECTED");
  expect(states.at(-1)).toBe("open");
  expect(server.sessions).toMatchObject({ away: 0, refused: 0 });
});

async function collect(items: AsyncIterable<unknown>): Promise<unknown[]> {
  const taken: unknown[] = [];
  for await (const item of items) taken.push(item);
  return taken;
}
