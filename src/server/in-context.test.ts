import { describe, expect, test } from "vitest";
import { platformWith, turns } from "../../test/simulated/world.ts";
import { worldsOfTest } from "../../test/simulated/worlds.ts";
import type { Call } from "../core/model/call.ts";
import { NO_ARGUMENTS } from "../core/model/message.ts";
import { manualClock } from "../testing/manual-clock.ts";
import { currentCallIn, inContext } from "./in-context.ts";

const context = platformWith(manualClock()).context?.();
if (!context) throw new Error("Node has a context");
const CALL = { procedure: "p", args: NO_ARGUMENTS } as Call;
const current = () => currentCallIn(context)?.procedure;
const worlds = worldsOfTest();

async function take(answer: unknown): Promise<readonly unknown[]> {
  const taken: unknown[] = [];
  for await (const item of answer as AsyncIterable<unknown>) taken.push(item);
  return taken;
}

async function* counting(): AsyncGenerator<unknown> {
  yield current();
  await turns(1);
  yield current();
}

describe("the current call", () => {
  test("is known at once, after awaits, and nowhere else", async () => {
    expect(inContext(context, CALL, current)).toBe("p");
    const later = async () => {
      await turns(1);
      return current();
    };
    expect(await inContext(context, CALL, later)).toBe("p");
    expect(current()).toBeUndefined();
  });

  test.each([
    ["comes at once", () => counting()],
    ["comes later", async () => counting()],
  ])("is known within a stream that %s", async (_when, run) => {
    expect(await take(await inContext(context, CALL, run))).toEqual(["p", "p"]);
    expect(current()).toBeUndefined();
  });

  test("is known where a stream that is left cleans up", async () => {
    let cleaning: unknown;
    async function* endless() {
      try {
        for (;;) yield 1;
      } finally {
        cleaning = current();
      }
    }
    const stream = inContext(context, CALL, endless) as AsyncIterable<unknown>;
    for await (const _ of stream) break;
    expect(cleaning).toBe("p");
  });

  test("needs no clean-up of a stream that has none", async () => {
    const items = { [Symbol.asyncIterator]: () => ({ next: async () => ({ value: 1 }) }) };
    const stream = inContext(context, CALL, () => items) as AsyncIterable<unknown>;
    for await (const item of stream) {
      expect(item).toBe(1);
      break;
    }
  });

  test("cannot be asked for without a context", () => {
    expect(() => currentCallIn(undefined)).toThrow(/callContext: true/);
  });
});

test("two streams that run side by side each know their own call", async () => {
  const world = await worlds({ callContext: true });
  const client = await world.connect();
  world.server.procedure("names", { public: true }, async function* () {
    for (let i = 0; i < 3; i++) {
      await turns(1);
      yield world.server.currentCall()?.meta["name"];
    }
  });
  const streams = ["a", "b"].map((name) => take(client.stream("names", [], { meta: { name } })));
  expect(await Promise.all(streams)).toEqual([
    ["a", "a", "a"],
    ["b", "b", "b"],
  ]);
});
