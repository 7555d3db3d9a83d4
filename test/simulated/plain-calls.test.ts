import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import type { Client } from "../../src/client/client.ts";
import type { ClientOptions } from "../../src/client/options.ts";
import type { Call } from "../../src/core/model/call.ts";
import { SealwireError } from "../../src/core/model/errors.ts";
import { type ManualClock, manualClock } from "../../src/testing/manual-clock.ts";
import { makePlainWorld, type PlainWorld, plainWorldsOfTest } from "./plain-world.ts";
import { turns } from "./world.ts";

const PUBLIC = { public: true };
const BACK_AT_ONCE: ClientOptions = { reconnect: { baseMs: 1, maxMs: 1, random: () => 0 } };
const worlds = plainWorldsOfTest();
let clock: ManualClock;
let world: PlainWorld;
/** What handlers were asked, in their order. */
let asked: unknown[];

beforeEach(async () => {
  clock = manualClock(0);
  world = await worlds({ clock });
  asked = [];
  world.server.procedure("echo", PUBLIC, (call: Call) => {
    asked.push(call.args.positional[0]);
    return call.args.positional[0];
  });
  world.server.procedure("hang", PUBLIC, () => new Promise(() => {}));
});

/** How each of them ended: what it answered, or its code. */
async function outcomes(calls: readonly Promise<unknown>[]): Promise<readonly unknown[]> {
  const settled = await Promise.allSettled(calls);
  return settled.map((each) => (each.status === "fulfilled" ? each.value : each.reason.code));
}

/** Lets the client come back. */
async function comeBack(): Promise<void> {
  for (let i = 0; i < 5; i++) {
    await turns();
    clock.advance(2);
  }
}

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);

describe("on a wire that takes one call at a time", () => {
  test("64 calls at once each get their own answers, in order", async () => {
    const client = await world.connect();
    const calls = numbers(64).map((i) => client.call("echo", [i]));
    expect(await outcomes(calls)).toEqual(numbers(64));
    expect(asked).toEqual(numbers(64));
    expect(client.connection?.statistics).toMatchObject({ outgoingCalls: 0 });
  });

  test("the second call leaves when the first has its answer, not before", async () => {
    const client = await world.connect();
    const slow = client.call("hang").catch(() => {});
    const quick = client.call("echo", [1]);
    quick.catch(() => {});
    await turns();
    expect(asked).toEqual([]);
    expect(client.connection?.statistics).toMatchObject({ sentMessages: 1, outgoingCalls: 2 });
    await client.close();
    await slow;
  });

  test("a call that fails, or cannot be said, does not hold the next", async () => {
    const client = await world.connect();
    world.server.procedure("boom", PUBLIC, () => {
      throw new SealwireError("CONFLICT", "no");
    });
    const calls = [
      ...[client.call("boom"), client.call("echo", [() => 0]), client.call("none")],
      client.call("echo", [7]),
    ];
    expect(await outcomes(calls)).toEqual(["CONFLICT", "INVALID_ARGUMENT", "NOT_FOUND", 7]);
  });
});

describe("a call that times out", () => {
  test("gives the connection up, and all the others go on over the next one", async () => {
    const client = await world.connect(BACK_AT_ONCE);
    const calls = [
      client.call("hang", [], { timeoutMs: 1_000 }),
      ...numbers(20).map((i) => client.call("echo", [i])),
    ];
    const ended = outcomes(calls);
    await turns();
    clock.advance(1_005);
    await comeBack();
    expect(await ended).toEqual(["DEADLINE_EXCEEDED", ...numbers(20)]);
    expect(asked).toEqual(numbers(20));
    expect(world.transport.taps).toHaveLength(2);
  });

  test("while it waits for its turn leaves the connection alone", async () => {
    let finish: (value: unknown) => void = () => {};
    world.server.procedure("slow", PUBLIC, () => new Promise((resolve) => (finish = resolve)));
    const client = await world.connect();
    const slow = client.call("slow");
    const waiting = client.call("echo", [1], { timeoutMs: 1_000 });
    const ended = outcomes([slow, waiting]);
    await turns();
    clock.advance(1_005);
    await turns();
    finish("done");
    expect(await ended).toEqual(["done", "DEADLINE_EXCEEDED"]);
    expect(asked).toEqual([]);
    expect(world.transport.taps).toHaveLength(1);
  });

  test("takes those with it whose time is up as well, and waits for none of them again", async () => {
    const client = await world.connect({ ...BACK_AT_ONCE, callTimeoutMs: 1_000 });
    const ended = outcomes(numbers(10).map(() => client.call("hang")));
    await turns();
    clock.advance(1_005);
    await comeBack();
    expect(await ended).toEqual(Array(10).fill("DEADLINE_EXCEEDED"));
    expect(world.transport.taps).toHaveLength(2);
  });
});

test("a cancelled call gives the connection up, and the others go on over the next one", async () => {
  const client = await world.connect(BACK_AT_ONCE);
  const controller = new AbortController();
  const first = client.call("hang", [], { signal: controller.signal });
  const calls = [first, client.call("echo", [1]), client.call("echo", [2])];
  const ended = outcomes(calls);
  await turns();
  controller.abort();
  await comeBack();
  expect(await ended).toEqual(["CANCELLED", 1, 2]);
  expect(asked).toEqual([1, 2]);
});

test("without reconnection the others fail with UNAVAILABLE, and so do later ones", async () => {
  const client = await world.connect();
  const calls = [
    client.call("hang", [], { timeoutMs: 1_000 }),
    ...numbers(5).map((i) => client.call("echo", [i])),
  ];
  const ended = outcomes(calls);
  await turns();
  clock.advance(1_005);
  expect(await ended).toEqual(["DEADLINE_EXCEEDED", ...Array(5).fill("UNAVAILABLE")]);
  expect(asked).toEqual([]);
  expect(await outcomes([client.call("echo", [6])])).toEqual(["UNAVAILABLE"]);
});

test("a server cannot make a client say a call again by the name of its error", async () => {
  const client = await world.connect();
  world.server.procedure("unsent", PUBLIC, (call: Call) => {
    asked.push(call.procedure);
    throw new SealwireError("UNAVAILABLE", "say it again", { type: "Unsent" });
  });
  await expect(client.call("unsent")).rejects.toMatchObject({ message: "say it again" });
  expect(asked).toEqual(["unsent"]);
});

test("a late answer never becomes that of another call, and each call ends", async () => {
  const action = fc.record({
    delayMs: fc.integer({ min: 0, max: 40 }),
    timeoutMs: fc.constantFrom(undefined, 5, 15, 30),
    cancelAfter: fc.constantFrom(undefined, undefined, undefined, 0, 1, 2),
    passMs: fc.integer({ min: 0, max: 25 }),
  });
  const property = fc.asyncProperty(fc.array(action, { maxLength: 15 }), async (actions) => {
    const own = manualClock(0);
    const there = await makePlainWorld({ clock: own });
    there.server.procedure("after", PUBLIC, ({ args: { positional } }: Call) => {
      const [value, delayMs] = positional;
      return new Promise((resolve) => own.after(Number(delayMs), () => resolve(value)));
    });
    const client = await there.connect(BACK_AT_ONCE);
    const calls = actions.map(({ delayMs, timeoutMs, cancelAfter, passMs }, i) => {
      const call = client.call("after", [i, delayMs], {
        ...(timeoutMs !== undefined && { timeoutMs }),
        ...(cancelAfter !== undefined && { signal: abortedAfter(cancelAfter) }),
      });
      call.catch(() => {});
      if (passMs > 12) own.advance(passMs);
      return call;
    });
    const ended = outcomes(calls);
    for (let i = 0; i < 4 * actions.length + 4; i++) {
      await turns(4);
      own.advance(20);
    }
    for (const [i, outcome] of (await ended).entries()) {
      expect([i, "DEADLINE_EXCEEDED", "CANCELLED"]).toContain(outcome);
    }
    await close(client, there);
  });
  await fc.assert(property, { numRuns: 60 });
}, 60_000);

function abortedAfter(count: number): AbortSignal {
  const controller = new AbortController();
  void turns(count).then(() => controller.abort());
  return controller.signal;
}

async function close(client: Client, there: PlainWorld): Promise<void> {
  await client.close();
  await there.close();
}
