import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { IncomingCall } from "../core/engine/incoming-call.ts";
import { SealwireError } from "../core/model/errors.ts";
import { type CallMessage, NO_ARGUMENTS } from "../core/model/message.ts";
import { Workers } from "./workers.ts";

const MESSAGE: CallMessage = { kind: "call", id: 1, procedure: "p", args: NO_ARGUMENTS };
const PEER = { id: "c1", remote: "here", dialect: "none" };
const LATE = new SealwireError("DEADLINE_EXCEEDED", "too late");

const aCall = (): IncomingCall => new IncomingCall(MESSAGE, PEER, undefined);

/** Work that ends when it is told to. */
function held(begin: () => void = () => {}) {
  let finish: (value?: unknown) => void = () => {};
  let fail: (thrown: unknown) => void = () => {};
  const answer = new Promise<unknown>((resolve, reject) => {
    finish = resolve;
    fail = reject;
  });
  const work = (): Promise<unknown> => {
    begin();
    return answer;
  };
  return { work, finish, fail };
}

/** Lets everything go on that waits for promises alone. */
async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

/** Whether all of so many places are free, and no more than those. */
async function freePlaces(workers: Workers): Promise<number> {
  let running = 0;
  const works = Array.from({ length: 20 }, () => held(() => void running++));
  for (const { work } of works) void workers.run(aCall(), work);
  const free = running;
  for (const { finish } of works) finish();
  await settled();
  return free;
}

describe("handlers at once", () => {
  test("are so many and no more; the others begin in the order in which they came", async () => {
    const workers = new Workers(2);
    const begun: number[] = [];
    const works = [0, 1, 2, 3].map((i) => held(() => begun.push(i)));
    const answers = works.map(({ work }) => workers.run(aCall(), work));
    expect(begun).toEqual([0, 1]);
    works[1]?.finish("one");
    await settled();
    expect(begun).toEqual([0, 1, 2]);
    works[0]?.finish("nought");
    works[2]?.finish("two");
    works[3]?.finish("three");
    expect(await Promise.all(answers)).toEqual(["nought", "one", "two", "three"]);
    expect(await freePlaces(workers)).toBe(2);
  });

  test("that answer at once are answered at once and take no place", () => {
    const workers = new Workers(1);
    expect([1, 2, 3].map((i) => workers.run(aCall(), () => i))).toEqual([1, 2, 3]);
  });

  test("do not let a newcomer pass those who wait", async () => {
    const workers = new Workers(1);
    const begun: string[] = [];
    const first = held();
    void workers.run(aCall(), first.work);
    const waiting = workers.run(aCall(), () => begun.push("waiting"));
    first.finish();
    // The place is given on a microtask; whoever comes before that stands behind.
    const newcomer = workers.run(aCall(), () => begun.push("newcomer"));
    await Promise.all([waiting, newcomer]);
    expect(begun).toEqual(["waiting", "newcomer"]);
  });
});

describe("a handler that throws", () => {
  test("at once tells its caller and frees its place", async () => {
    const workers = new Workers(1);
    const throwing = () => workers.run(aCall(), () => fail("at once"));
    expect(throwing).toThrow("at once");
    expect(await freePlaces(workers)).toBe(1);
  });

  test("later tells its caller and frees its place", async () => {
    const workers = new Workers(1);
    const { work, fail: throwLater } = held();
    const answer = workers.run(aCall(), work);
    throwLater(new Error("later"));
    await expect(answer).rejects.toThrow("later");
    expect(await freePlaces(workers)).toBe(1);
  });

  test("at once after it has waited tells its caller and frees its place", async () => {
    const workers = new Workers(1);
    const first = held();
    void workers.run(aCall(), first.work);
    const answer = workers.run(aCall(), () => fail("after waiting"));
    first.finish();
    await expect(answer).rejects.toThrow("after waiting");
    expect(await freePlaces(workers)).toBe(1);
  });
});

describe("a call that nobody waits for any more", () => {
  test("is not begun, and those behind it are", async () => {
    const workers = new Workers(1);
    const first = held();
    const begun: string[] = [];
    void workers.run(aCall(), first.work);
    const abandoned = aCall();
    const answer = workers.run(abandoned, () => begun.push("abandoned"));
    const next = workers.run(aCall(), () => begun.push("next"));
    abandoned.abort(LATE);
    first.finish();
    await expect(answer).rejects.toMatchObject({ code: "CANCELLED" });
    await next;
    expect(begun).toEqual(["next"]);
    expect(await freePlaces(workers)).toBe(1);
  });

  test("is let go of long before its turn, when many such wait", async () => {
    const workers = new Workers(1);
    const first = held();
    void workers.run(aCall(), first.work);
    let released = 0;
    for (let i = 0; i < 10_000; i++) {
      const call = aCall();
      Promise.resolve(workers.run(call, () => 0)).catch(() => void released++);
      call.abort(LATE);
    }
    await settled();
    expect(released).toBeGreaterThan(5_000);
    first.finish();
    await settled();
    expect(released).toBe(10_000);
    expect(await freePlaces(workers)).toBe(1);
  });
});

test("ten thousand waiting handlers that answer at once do not exhaust the stack", async () => {
  const workers = new Workers(1);
  const first = held();
  void workers.run(aCall(), first.work);
  const answers = Array.from({ length: 10_000 }, (_, i) => workers.run(aCall(), () => i));
  first.finish();
  expect(await Promise.all(answers)).toEqual(Array.from({ length: 10_000 }, (_, i) => i));
});

test("no place is ever lost and none given twice, whatever handlers and callers do", async () => {
  const WAYS = ["value", "throw", "later", "reject later", "abandoned"] as const;
  const step = fc.record({ way: fc.constantFrom(...WAYS), pause: fc.boolean() });
  const property = fc.asyncProperty(
    fc.integer({ min: 1, max: 4 }),
    fc.array(step, { maxLength: 40 }),
    async (places, steps) => {
      const workers = new Workers(places);
      let running = 0;
      let most = 0;
      const later = async (ends: () => unknown): Promise<unknown> => {
        most = Math.max(most, ++running);
        await settled();
        running -= 1;
        return ends();
      };
      const works = {
        value: () => 1,
        throw: () => fail("now"),
        later: () => later(() => 1),
        "reject later": () => later(() => fail("later")),
        abandoned: () => later(() => 1),
      };
      const answers: Promise<unknown>[] = [];
      for (const { way, pause } of steps) {
        const call = aCall();
        answers.push(outcome(() => workers.run(call, works[way])));
        if (way === "abandoned") call.abort(LATE);
        if (pause) await settled();
      }
      await Promise.all(answers);
      expect(most).toBeLessThanOrEqual(places);
      expect(await freePlaces(workers)).toBe(places);
    },
  );
  await fc.assert(property, { numRuns: 100 });
});

async function outcome(run: () => unknown): Promise<unknown> {
  try {
    return await run();
  } catch (thrown) {
    return thrown;
  }
}

function fail(why: string): never {
  throw new Error(why);
}
