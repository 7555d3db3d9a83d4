import { describe, expect, test } from "vitest";
import type { ClientOptions } from "../../src/client/options.ts";
import { type ManualClock, manualClock } from "../../src/testing/manual-clock.ts";
import type { LinesOptions } from "./lines-dialect.ts";
import { type PlainOptions, type PlainWorld, plainWorldsOfTest } from "./plain-world.ts";
import { turns } from "./world.ts";

const worlds = plainWorldsOfTest();

interface Timed {
  readonly clock: ManualClock;
  readonly world: PlainWorld;
}

async function timed(
  defaults: LinesOptions["defaults"],
  options: PlainOptions = {},
): Promise<Timed> {
  const clock = manualClock(0);
  const wire = { pings: true, callsBothWays: true, ...(defaults && { defaults }) };
  const world = await worlds({ clock, wire, ...options });
  world.server.procedure("hang", { public: true }, () => new Promise(() => {}));
  const timeoutMs = 7_000;
  world.server.procedure("limited", { public: true, timeoutMs }, () => new Promise(() => {}));
  return { clock, world };
}

/** Lets time pass in steps, until this has happened; how much it took. */
async function msUntil(clock: ManualClock, happened: () => boolean): Promise<number> {
  for (let ms = 0; ms < 120_000; ms += 500) {
    await turns(4);
    if (happened()) return ms;
    clock.advance(500);
  }
  throw new Error("it never happened");
}

/** After how long a call fails, as the client sees it. */
async function msOfCall(
  { clock, world }: Timed,
  procedure: string,
  options: ClientOptions,
): Promise<number> {
  const client = await world.connect(options);
  let failed = false;
  client.call(procedure).catch(() => {
    failed = true;
  });
  return msUntil(clock, () => failed);
}

const PATIENT = { callTimeoutMs: 100_000, heartbeat: false } as const;
const QUIET = { heartbeat: false } as const;

describe("for calls without a timeout", () => {
  test.each<[string, LinesOptions["defaults"], ClientOptions, number]>([
    ["30 s hold where nobody says anything", undefined, {}, 30_000],
    ["the dialect's time holds", { callTimeoutMs: 4_000 }, {}, 4_000],
    ["the option overrides it", { callTimeoutMs: 4_000 }, { callTimeoutMs: 9_000 }, 9_000],
  ])("%s", async (_what, defaults, options, expected) => {
    const all = await timed(defaults, QUIET);
    expect(await msOfCall(all, "hang", { ...QUIET, ...options })).toBe(expected);
  });
});

describe("for calls of the server without a timeout", () => {
  test.each<[string, LinesOptions["defaults"], PlainOptions, number]>([
    ["30 s hold where nobody says anything", undefined, {}, 30_000],
    ["the dialect's time holds", { callTimeoutMs: 4_000 }, {}, 4_000],
    ["the option overrides it", { callTimeoutMs: 4_000 }, { callTimeoutMs: 9_000 }, 9_000],
  ])("%s", async (_what, defaults, options, expected) => {
    const { clock, world } = await timed(defaults, { ...QUIET, ...options });
    await world.speak();
    await turns();
    const failed: unknown[] = [];
    world
      .latest()
      .call("ask")
      .catch((thrown: unknown) => failed.push(thrown));
    expect(await msUntil(clock, () => failed.length > 0)).toBe(expected);
    expect(failed).toMatchObject([{ code: "DEADLINE_EXCEEDED" }]);
  });
});

describe("for handlers without a limit", () => {
  test.each<[string, LinesOptions["defaults"], PlainOptions, string, number]>([
    ["the dialect's limit holds", { handlerTimeoutMs: 4_000 }, {}, "hang", 4_000],
    [
      "the server's option overrides it",
      { handlerTimeoutMs: 4_000 },
      { handlerTimeoutMs: 9_000 },
      "hang",
      9_000,
    ],
    ["that of the procedure overrides both", { handlerTimeoutMs: 4_000 }, {}, "limited", 7_000],
    ["there is none where nobody says anything", undefined, {}, "hang", 100_000],
  ])("%s", async (_what, defaults, options, procedure, expected) => {
    const all = await timed(defaults, { ...QUIET, ...options });
    expect(await msOfCall(all, procedure, PATIENT)).toBe(expected);
  });
});

describe("a silent peer", () => {
  test.each<[string, LinesOptions["defaults"], PlainOptions, number]>([
    ["is given up after 45 s where nobody says anything", undefined, {}, 45_000],
    [
      "is given up as the dialect has it",
      { heartbeat: { intervalMs: 2_000, timeoutMs: 1_000 } },
      {},
      3_000,
    ],
    [
      "is given up as the option has it",
      { heartbeat: { intervalMs: 2_000, timeoutMs: 1_000 } },
      { heartbeat: { intervalMs: 5_000, timeoutMs: 3_000 } },
      8_000,
    ],
    [
      "is given the usual time where the dialect tells only how often it is asked",
      { heartbeat: { intervalMs: 2_000 } },
      {},
      17_000,
    ],
  ])("%s", async (_what, defaults, options, expected) => {
    const { clock, world } = await timed(defaults, options);
    await world.speak();
    await turns();
    expect(world.server.connections.size).toBe(1);
    expect(await msUntil(clock, () => world.server.connections.size === 0)).toBe(expected);
  });

  test("is kept where the option says that nobody is asked", async () => {
    const heartbeat = { intervalMs: 2_000, timeoutMs: 1_000 };
    const { clock, world } = await timed({ heartbeat }, { heartbeat: false });
    await world.speak();
    for (let i = 0; i < 20; i++) {
      await turns(2);
      clock.advance(10_000);
    }
    expect(world.server.connections.size).toBe(1);
  });

  test("is kept while we owe it so many answers that we do not read what it says", async () => {
    const { clock, world } = await timed(undefined, { limits: { maxIncomingCalls: 4 } });
    const peer = await world.speak();
    peer.say({ call: "hang" }, { call: "hang" }, { call: "hang" });
    for (let i = 0; i < 20; i++) {
      await turns(2);
      clock.advance(10_000);
    }
    expect(world.server.connections.size).toBe(1);
  });

  test("is a server too: the client gives it up as the dialect has it", async () => {
    const heartbeat = { intervalMs: 2_000, timeoutMs: 1_000 };
    const { clock, world } = await timed({ heartbeat }, { heartbeat: false });
    const client = await world.connect();
    world.transport.taps.at(-1)?.stall();
    // The read that was under way still brings the answer to the first question.
    expect(await msUntil(clock, () => client.state === "closed")).toBe(2_000 + 3_000);
  });
});
