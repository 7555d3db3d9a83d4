import fc from "fast-check";
import { expect, test } from "vitest";
import type { Client } from "../../src/client/client.ts";
import type { Call } from "../../src/core/model/call.ts";
import { type ManualClock, manualClock } from "../../src/testing/manual-clock.ts";
import { makeWorld, turns, type World } from "./world.ts";

/** Something that happens between client and server. */
type Action =
  | { readonly kind: "call" | "call back" | "event" | "item" | "turn"; readonly size: number }
  | { readonly kind: "cut" }
  | { readonly kind: "cut within"; readonly bytes: number }
  | { readonly kind: "hang" };

const ACTION: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constantFrom("call", "call back", "event", "item", "turn"),
      size: fc.oneof(fc.nat(40), fc.nat(40_000)),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("cut") }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("cut within"), bytes: fc.nat(3_000) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("hang") }) },
);

test("everything arrives once and in order, wherever the path breaks", async () => {
  const property = fc.asyncProperty(
    fc.array(ACTION, { minLength: 5, maxLength: 60 }),
    async (actions) => {
      const run = await begin();
      for (const action of actions) await act(run, action);
      await finish(run);
      expect(run.client.connection?.id).toBe("s1");
      expect(run.there).toEqual(run.said.there);
      expect(run.here).toEqual(run.said.here);
      expect(await Promise.all(run.answers)).toEqual(run.expected);
      await run.world.close();
    },
  );
  await fc.assert(property, { numRuns: 30, verbose: 1, endOnFailure: true });
}, 60_000);

/** What one side was told, by the way on which it came. */
interface Log {
  readonly calls: number[];
  readonly events: number[];
  readonly items: number[];
}

interface Run {
  readonly world: World;
  readonly client: Client;
  readonly clock: ManualClock;
  /** What came to the server, and to the client. */
  readonly there: Log;
  readonly here: Log;
  readonly said: { readonly there: Log; readonly here: Log };
  readonly answers: Promise<unknown>[];
  readonly expected: unknown[];
  readonly input: Source;
  readonly hung: Set<unknown>;
  count: number;
}

async function begin(): Promise<Run> {
  const clock = manualClock(1_000_000);
  const world = await makeWorld({ clock, maxWaitingBytes: 20_000, callTimeoutMs: 1e9 });
  const [there, here, input] = [log(), log(), new Source()];
  const output = new Source();
  const note = (to: number[]) => (value: unknown) => void to.push(numberOf(value));
  world.server.procedure("note", { public: true }, (call: Call) => {
    note(there.calls)(call.args.positional[0]);
    return call.args.positional[0];
  });
  world.server.procedure("items", { public: true }, async function* (call: Call) {
    void drain(call.input, note(there.items)).catch(() => {});
    yield* output;
  });
  world.server.event("up", { public: true });
  world.server.event("down", { public: true });
  world.server.onEvent("up", note(there.events));
  const reconnect = { baseMs: 10, maxMs: 20, random: () => 1 };
  const client = await world.connect({ reconnect, callTimeoutMs: 1e9 });
  client.procedure("note", { public: true }, (call: Call) => {
    note(here.calls)(call.args.positional[0]);
    return call.args.positional[0];
  });
  await client.onEvent("down", note(here.events)).ready;
  void drain(client.stream("items", [], { input }), note(here.items)).catch(() => {});
  await turns();
  const said = { there: log(), here: log() };
  const run = { world, client, clock, there, here, said, input, answers: [], expected: [] };
  return { ...run, input: joined(input, output), hung: new Set(), count: 0 };
}

async function act(run: Run, action: Action): Promise<void> {
  const { client, world, said } = run;
  const tap = world.transport.taps.at(-1);
  const [peer] = world.server.connections.values();
  const number = ++run.count;
  const value = "size" in action ? [number, "x".repeat(action.size)] : [];
  switch (action.kind) {
    case "call":
      said.there.calls.push(number);
      run.answers.push(client.call("note", [value]));
      run.expected.push(value);
      break;
    case "call back":
      said.here.calls.push(number);
      run.answers.push(peer?.call("note", [value]) ?? Promise.reject(new Error("nobody")));
      run.expected.push(value);
      break;
    case "event":
      said.there.events.push(number);
      said.here.events.push(number);
      void client.emit("up", value);
      void world.server.broadcast("down", value);
      break;
    case "item":
      said.there.items.push(number);
      said.here.items.push(number);
      run.input.put(value);
      break;
    case "turn":
      await pass(run.clock, 10);
      break;
    case "cut":
      tap?.break();
      break;
    case "cut within":
      tap?.breakAfter(action.bytes);
      break;
    case "hang":
      if (tap && !run.hung.has(tap)) tap.stall();
      if (tap) run.hung.add(tap);
      // The client asks, gives it up and goes on elsewhere; the server hears it all the time.
      for (let i = 0; i < 16; i++) await pass(run.clock, 5_000);
      break;
  }
  await turns(action.kind === "turn" ? 3 : number % 2);
}

async function finish({ clock, world, client, said, there, here }: Run): Promise<void> {
  world.transport.taps.at(-1)?.break();
  const whole = () =>
    client.state === "open" &&
    lengths(there) === lengths(said.there) &&
    lengths(here) === lengths(said.here);
  for (let i = 0; i < 200 && !whole(); i++) await pass(clock, 20);
  expect(whole()).toBe(true);
}

async function pass(clock: ManualClock, ms: number): Promise<void> {
  clock.advance(ms);
  await turns(8);
}

function lengths({ calls, events, items }: Log): string {
  return [calls, events, items].map(({ length }) => length).join();
}

function log(): Log {
  return { calls: [], events: [], items: [] };
}

function numberOf(value: unknown): number {
  return Array.isArray(value) ? Number(value[0]) : Number.NaN;
}

async function drain(items: AsyncIterable<unknown>, take: (item: unknown) => void): Promise<void> {
  for await (const item of items) take(item);
}

/** Items as they are put in. */
class Source implements AsyncIterableIterator<unknown, undefined> {
  readonly #waiting: unknown[] = [];
  #wake: (() => void) | undefined;
  #other: Source | undefined;

  put(item: unknown): void {
    this.#waiting.push(item);
    this.#wake?.();
    this.#other?.put(item);
  }

  and(other: Source): void {
    this.#other = other;
  }

  async next(): Promise<IteratorResult<unknown, undefined>> {
    while (this.#waiting.length === 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return { done: false, value: this.#waiting.shift() };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

function joined(one: Source, other: Source): Source {
  one.and(other);
  return one;
}
