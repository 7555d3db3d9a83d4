import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Client } from "../../src/client/client.ts";
import type { Message } from "../../src/core/model/message.ts";
import { type ManualClock, manualClock } from "../../src/testing/manual-clock.ts";
import { callOf, type RawPeer, rawPeer } from "./raw-peer.ts";
import { ADDRESS, makeWorld, turns, type World } from "./world.ts";

const PUBLIC = { public: true };
const SECRET = "hunter2-do-not-log";
let clock: ManualClock;
let world: World;
let honest: Client;
let hostile: RawPeer;

beforeEach(async () => {
  clock = manualClock();
  world = await makeWorld({ clock, maxWaitingBytes: 64_000 });
  world.server.expose({ echo: (value: unknown) => value }, PUBLIC);
  world.server.procedure("hang", PUBLIC, () => new Promise(() => {}));
  world.server.procedure("large", PUBLIC, () => new Uint8Array(1_000_000));
  world.server.event("tick", PUBLIC);
  honest = await world.connect();
  hostile = await rawPeer(world);
});

afterEach(async () => {
  expect(await honest.call("echo", ["still here"])).toBe("still here");
  hostile.close();
  await world.close();
  expect(JSON.stringify(world.lines)).not.toContain(SECRET);
});

/** The other end of the hostile peer. */
const connection = () => world.server.connections.get("c2");

async function endsWith(code: string): Promise<void> {
  const said = await hostile.hearAll();
  const goodbye = said.find(({ kind }) => kind === "goodbye");
  expect(goodbye).toMatchObject({ reason: expect.stringContaining(code) });
  await turns();
  expect(connection()).toBeUndefined();
  expect(world.lines.some(({ fields }) => fields["code"] === code)).toBe(true);
}

test("ten thousand calls are answered or refused, never held", async () => {
  const ids = Array.from({ length: 10_000 }, (_, i) => 2 * i + 1);
  await hostile.say(...ids.map((id) => callOf(id, "hang", SECRET)));
  await turns();
  expect(connection()?.statistics.incomingCalls).toBe(4_096);
  const refused: Message[] = [];
  while (refused.length < 10_000 - 4_096) refused.push(...((await hostile.hear()) ?? []));
  expect(refused[0]).toMatchObject({ kind: "error", failure: { code: "RATE_LIMITED" } });
  await hostile.say(...ids.map((id): Message => ({ kind: "cancel", id })));
  await turns();
  expect(connection()?.statistics.incomingCalls).toBe(0);
});

test("who asks for much and never reads is answered only so far, then not read any more", async () => {
  const before = process.memoryUsage().arrayBuffers;
  for (let round = 0; round < 60; round++) {
    const ids = Array.from({ length: 100 }, (_, i) => 2 * (round * 100 + i) + 1);
    void hostile.say(...ids.map((id) => callOf(id, "large")));
    await turns(2);
  }
  // 64 MiB are held, the rest is garbage that waits for its collection; unbounded it would be 6 GB.
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(600_000_000);
  expect(connection()?.statistics.receivedMessages).toBeLessThan(5_000);
  clock.advance(30_000);
  await turns();
  clock.advance(15_000);
  await turns();
  expect(connection()).toBeUndefined();
}, 30_000);

test.each([
  ["pings", (): Message => ({ kind: "ping" })],
  ["credits", (i: number): Message => ({ kind: "credit", id: i, items: Number.MAX_SAFE_INTEGER })],
  ["events that nobody wants", (): Message => ({ kind: "event", name: "tick", data: SECRET })],
  [
    "results of calls that nobody made",
    (i: number): Message => ({ kind: "result", id: i, value: SECRET }),
  ],
  [
    "errors of calls that nobody made",
    (i: number): Message => ({
      kind: "error",
      id: i,
      failure: { code: "INTERNAL", message: SECRET },
    }),
  ],
  ["items without a call", (i: number): Message => ({ kind: "item", id: i, value: SECRET })],
  ["ends of nothing", (i: number): Message => ({ kind: "end", id: i })],
  ["cancels of nothing", (i: number): Message => ({ kind: "cancel", id: i })],
  ["pauses", (i: number): Message => ({ kind: i % 2 ? "pause" : "resume" })],
  ["goodbyes", (): Message => ({ kind: "goodbye", reason: "UNAVAILABLE: bye" })],
])("a flood of %s holds nothing", async (_what, message) => {
  for (let round = 0; round < 10; round++) {
    void hostile.say(...Array.from({ length: 2_000 }, (_, i) => message(i)));
    await turns(2);
  }
  expect(connection()?.statistics ?? {}).not.toMatchObject({ incomingCalls: 1 });
  const statistics = connection()?.statistics;
  expect(statistics?.outgoingCalls ?? 0).toBe(0);
});

test("who says goodbye and goes on is still served and still bounded", async () => {
  await hostile.say({ kind: "goodbye" }, callOf(1, "echo", 7));
  expect(await hostile.hear()).toEqual([{ kind: "result", id: 1, value: 7 }]);
});

test("an id that names two open calls ends the connection", async () => {
  await hostile.say(callOf(1, "hang"), callOf(1, "hang"));
  await endsWith("PROTOCOL_VIOLATION");
});

test("an id of the other side ends the connection", async () => {
  await hostile.say(callOf(2, "hang"));
  await endsWith("PROTOCOL_VIOLATION");
});

test("items beyond the credit end the connection", async () => {
  const streaming: Message = { ...callOf(1, "hang"), kind: "call", streaming: true } as Message;
  await hostile.say(streaming);
  for (let i = 0; i < 3; i++) {
    const items = Array.from({ length: 1_000 }, (): Message => ({ kind: "item", id: 1, value: 0 }));
    void hostile.say(...items);
  }
  await endsWith("PROTOCOL_VIOLATION");
});

test("large items that no handler takes stop the reading, and go with the call", async () => {
  const streaming = (id: number): Message =>
    ({ ...callOf(id, "hang"), streaming: true }) as Message;
  await hostile.say(streaming(1));
  for (let i = 0; i < 80; i++) {
    void hostile.say({ kind: "item", id: 1, value: new Uint8Array(1_000_000) });
    await turns(1);
  }
  await turns();
  expect(connection()?.statistics.receivedBytes).toBeLessThan(40_000_000);
});

test("names without measure are refused in few words and never logged whole", async () => {
  await hostile.say(callOf(1, "n".repeat(1_000_000)));
  const [answer] = (await hostile.hear()) ?? [];
  expect(JSON.stringify(answer).length).toBeLessThan(400);
  expect(JSON.stringify(world.lines).length).toBeLessThan(4_000);
});

test("a hundred thousand events cannot be watched", async () => {
  let refused = 0;
  for (let round = 0; round < 100; round++) {
    const calls = Array.from({ length: 1_000 }, (_, i) => {
      const n = round * 1_000 + i;
      return callOf(2 * n + 1, "$events.watch", `tick${n}`);
    });
    for (const call of calls)
      world.server.event(String(Reflect.get(call, "args").positional[0]), PUBLIC);
    await hostile.say(...calls);
    for (let answered = 0; answered < 1_000; ) {
      const answers = (await hostile.hear()) ?? [];
      refused += answers.filter(({ kind }) => kind === "error").length;
      answered += answers.length;
    }
  }
  expect(refused).toBe(100_000 - 1_024);
}, 30_000);

describe("before the greeting is over", () => {
  test("silence, garbage and half a greeting are ended in time", async () => {
    const signal = new AbortController().signal;
    const silent = await world.transport.connect(new URL(ADDRESS), { signal });
    const garbled = await world.transport.connect(new URL(ADDRESS), { signal });
    void garbled.write([new Uint8Array(5_000).fill(0x41)]);
    await turns();
    clock.advance(10_000);
    await turns();
    for (const channel of [silent, garbled]) {
      const ended = await channel[Symbol.asyncIterator]()
        .next()
        .then(
          ({ done }) => done === true || undefined,
          () => true,
        );
      expect(ended ?? "an alert").toBeTruthy();
    }
    const codes = world.lines.flatMap(({ fields }) => fields["code"] ?? []);
    expect(codes).toContain("DEADLINE_EXCEEDED");
  });
});

test("a frame too large closes its connection with TOO_LARGE", async () => {
  const tap = world.transport.taps.at(-1);
  tap?.inject(Uint8Array.of(0x7f, 0xff, 0xff, 0xff, 1, 2, 3));
  await endsWith("TOO_LARGE");
});

test("a record changed on the way closes its connection with RECORD_REJECTED", async () => {
  const tap = world.transport.taps.at(-1);
  tap?.inject(Uint8Array.of(0, 0, 0, 40, ...new Uint8Array(40)));
  await endsWith("RECORD_REJECTED");
});
