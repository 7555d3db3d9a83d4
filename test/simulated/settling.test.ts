import fc from "fast-check";
import { expect, test } from "vitest";
import type { Client } from "../../src/client/client.ts";
import type { CallOptions } from "../../src/core/engine/call-options.ts";
import type { Connection } from "../../src/core/engine/connection.ts";
import { type ManualClock, manualClock } from "../../src/testing/manual-clock.ts";
import { Ledger } from "./ledger.ts";
import { addProcedures } from "./procedures.ts";
import { makeWorld, turns, type World } from "./world.ts";

/** One thing that happens; times are counted in turns of the event loop. */
interface Action {
  readonly from: "client" | "server";
  readonly how: "value" | "stream";
  readonly procedure: string;
  readonly size: number;
  readonly input: number | undefined;
  readonly timeoutMs: number | undefined;
  readonly cancelAfter: number | undefined;
  /** Items taken before the caller leaves the loop. */
  readonly take: number;
  readonly pause: number;
  readonly passMs: number;
}

const PROCEDURES = [
  ...["now", "later", "refuse", "boom", "unsayable", "hang", "stubborn", "count", "later count"],
  ...["broken count", "sum", "take one", "mirror", "nobody knows it", "__proto__", "then"],
];
const ENDINGS = [
  ...[
    "client closes",
    "server drains",
    "server closes at once",
    "path breaks",
    "path breaks within",
  ],
  ...[
    "garbage",
    "connection closes",
    "connection drains",
    "peer never reads again",
    "peer is silent",
  ],
] as const;

/** A signal that is given and never used. */
const NEVER = -1;

const ACTION: fc.Arbitrary<Action> = fc.record({
  from: fc.constantFrom("client", "client", "server"),
  how: fc.constantFrom("value", "stream"),
  procedure: fc.constantFrom(...PROCEDURES),
  size: fc.oneof(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 3_000 })),
  input: fc.option(fc.integer({ min: 0, max: 1_500 }), { nil: undefined }),
  timeoutMs: fc.option(fc.integer({ min: -5, max: 60_000 }), { nil: undefined }),
  cancelAfter: fc.constantFrom(undefined, undefined, 0, 1, 2, 4, 6, NEVER),
  take: fc.oneof(fc.integer({ min: 0, max: 5 }), fc.constant(Number.MAX_SAFE_INTEGER)),
  pause: fc.integer({ min: 0, max: 3 }),
  passMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 20_000 })),
});

test("every call settles exactly once and leaves nothing behind, whatever ends it", async () => {
  const property = fc.asyncProperty(
    fc.array(ACTION, { maxLength: 25 }),
    fc.constantFrom(...ENDINGS),
    fc.constantFrom(undefined, 300, 5_000),
    async (actions, ending, maxWaitingBytes) => {
      const clock = manualClock(1_000_000);
      const run = await begin(clock, maxWaitingBytes);
      for (const action of actions) await act(run, action);
      await end(run, ending);
      await finish(run);
      expect(run.ledger.complaints()).toEqual([]);
      expect(run.connections.map(openOf)).toEqual([0, 0]);
      expect(clock.waiting).toBe(0);
    },
  );
  await fc.assert(property, { numRuns: 120 });
}, 60_000);

interface Run {
  readonly world: World;
  readonly client: Client;
  readonly connections: readonly [Connection, Connection];
  readonly clock: ManualClock;
  readonly ledger: Ledger;
}

async function begin(clock: ManualClock, maxWaitingBytes: number | undefined): Promise<Run> {
  const ledger = new Ledger();
  const world = await makeWorld({ clock, ...(maxWaitingBytes && { maxWaitingBytes }) });
  addProcedures(world.server, ledger);
  const client = await world.connect();
  addProcedures(client, ledger);
  await turns();
  const [there] = world.server.connections.values();
  if (!client.connection || !there) throw new Error("nobody is connected");
  return { world, client, connections: [client.connection, there], clock, ledger };
}

async function act(run: Run, action: Action): Promise<void> {
  const { client, connections, ledger, clock } = run;
  const caller = action.from === "client" ? client : connections[1];
  const name = `${action.from} ${action.how} ${action.procedure}`;
  const options = optionsOf(run, action);
  try {
    if (action.how === "value") {
      ledger.expect(name, use(caller.call(action.procedure, [action.size], options), action.take));
    } else {
      const items = caller.stream(action.procedure, [action.size], options);
      ledger.expect(name, takeFrom(items, action.take));
    }
  } catch (thrown) {
    ledger.expect(name, Promise.reject(thrown));
  }
  await turns(action.pause);
  if (action.passMs > 0) clock.advance(action.passMs);
}

function optionsOf({ ledger }: Run, action: Action): CallOptions {
  const { cancelAfter, input, timeoutMs } = action;
  const controller = new AbortController();
  if (cancelAfter !== undefined) {
    ledger.signals.push(controller.signal);
    if (cancelAfter !== NEVER) void turns(cancelAfter).then(() => controller.abort());
  }
  return {
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(input !== undefined && {
      input: ledger.counted(
        (i) => i,
        input,
        () => turns(1),
      ),
    }),
    ...(cancelAfter !== undefined && { signal: controller.signal }),
  };
}

/** A value as it is, a stream to its end. */
async function use(answer: Promise<unknown>, take: number): Promise<unknown> {
  const value = await answer;
  if (typeof value !== "object" || value === null || !(Symbol.asyncIterator in value)) return value;
  return takeFrom(value as AsyncIterable<unknown>, take);
}

async function takeFrom(items: AsyncIterable<unknown>, take: number): Promise<number> {
  let taken = 0;
  for await (const _ of items) if (++taken > take) break;
  return taken;
}

async function end(run: Run, ending: (typeof ENDINGS)[number]): Promise<void> {
  const { world, client, connections, ledger, clock } = run;
  const tap = world.transport.taps.at(-1);
  switch (ending) {
    case "client closes":
      return ledger.expect(ending, client.close());
    case "server drains":
      return ledger.expect(ending, world.server.close({ drainMs: 3_000 }));
    case "server closes at once":
      return ledger.expect(ending, world.server.close({ drainMs: 0 }));
    case "path breaks":
      return tap?.break();
    case "path breaks within": {
      tap?.breakAfter(11);
      return ledger.expect("the last call", client.call("now", [1]));
    }
    case "garbage":
      return tap?.inject(new Uint8Array(64).fill(1));
    case "connection closes":
      return ledger.expect(ending, connections[1].close());
    case "connection drains": {
      ledger.expect(ending, connections[1].drain(2_000));
      return ledger.expect(ending, connections[1].drain(4_000));
    }
    case "peer never reads again":
      tap?.stall();
      return;
    case "peer is silent": {
      const go = tap?.stall();
      clock.advance(100_000);
      await turns();
      clock.advance(100_000);
      return go?.();
    }
  }
}

async function finish({ world, clock, client, ledger }: Run): Promise<void> {
  for (let i = 0; i < 6; i++) {
    await turns();
    clock.advance(50_000);
  }
  ledger.expect("closing the client", client.close());
  ledger.expect("closing the world", world.close());
  for (let i = 0; i < 6; i++) {
    await turns();
    clock.advance(50_000);
  }
  world.transport.taps.at(-1)?.break();
  await turns();
}

function openOf({ statistics }: Connection): number {
  return statistics.incomingCalls + statistics.outgoingCalls;
}
