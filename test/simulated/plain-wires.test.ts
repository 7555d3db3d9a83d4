import { describe, expect, test } from "vitest";
import type { DialectDefaults } from "../../src/core/contracts/dialect.ts";
import type { Call } from "../../src/core/model/call.ts";
import { type CallMessage, type Message, NO_ARGUMENTS } from "../../src/core/model/message.ts";
import { manualClock } from "../../src/testing/manual-clock.ts";
import { type PlainOptions, type PlainWorld, plainWorldsOfTest } from "./plain-world.ts";
import { makeWorld, turns } from "./world.ts";

const PUBLIC = { public: true };
const worlds = plainWorldsOfTest();

/** A world with `echo`, and with `hold`, which answers what it is told when it is told to. */
async function holding(options: PlainOptions = {}) {
  const world = await worlds(options);
  const finish: ((value: unknown) => void)[] = [];
  world.server.expose({ echo: (value: unknown) => value }, PUBLIC);
  world.server.procedure("hold", PUBLIC, () => new Promise((resolve) => finish.push(resolve)));
  return { world, finish };
}

describe("answers without ids", () => {
  test("leave in the order of the requests, malformed ones and unknown names included", async () => {
    const { world, finish } = await holding();
    const peer = await world.speak();
    peer.say({ call: "hold" }, { call: "echo", args: [1] });
    peer.sayText("no JSON at all");
    peer.say({ call: "none" }, { call: "hold" }, { call: "echo", args: [2] });
    await turns();
    finish[1]?.("second");
    await turns();
    finish[0]?.("first");
    expect(await peer.hearSome(6)).toMatchObject([
      ...[{ result: "first" }, { result: 1 }, { error: { code: "INVALID_ARGUMENT" } }],
      ...[{ error: { code: "NOT_FOUND" } }, { result: "second" }, { result: 2 }],
    ]);
  });

  test("that cannot be said, or stream, are told as errors in their place", async () => {
    const { world } = await holding();
    world.server.procedure("unsayable", PUBLIC, () => () => 0);
    world.server.procedure("stream", PUBLIC, async function* () {
      yield 1;
    });
    const peer = await world.speak();
    peer.say({ call: "unsayable" }, { call: "echo", args: [1] }, { call: "stream" });
    expect(await peer.hearSome(3)).toMatchObject([
      ...[{ error: { code: "INTERNAL" } }, { result: 1 }, { error: { code: "UNSUPPORTED" } }],
    ]);
  });

  test("of ten thousand requests behind a slow one are all given; little is read meanwhile", async () => {
    const { world, finish } = await holding();
    const peer = await world.speak();
    peer.say({ call: "hold" });
    for (let i = 0; i < 10_000; i++) peer.say({ call: "echo", args: [i] });
    await turns(50);
    const { receivedMessages } = world.latest().statistics;
    expect(receivedMessages).toBeGreaterThan(2_000);
    expect(receivedMessages).toBeLessThanOrEqual(4_096 / 2 + 1);
    finish[0]?.("at last");
    const heard = await peer.hearSome(10_001);
    const expected = Array.from({ length: 10_000 }, (_, i) => ({ result: i }));
    expect(heard).toEqual([{ result: "at last" }, ...expected]);
  });

  test("that all wait for slow handlers never exceed what one peer may have open", async () => {
    const { world, finish } = await holding({ limits: { maxIncomingCalls: 10 } });
    const peer = await world.speak();
    for (let i = 0; i < 100; i++) peer.say({ call: "hold" });
    for (let done = 0; done < 100; done++) {
      await turns(4);
      expect(world.latest().statistics.incomingCalls).toBeLessThanOrEqual(6);
      finish[done]?.(done);
    }
    const heard = await peer.hearSome(100);
    expect(heard).toEqual(Array.from({ length: 100 }, (_, i) => ({ result: i })));
  });
});

describe("handlers at once", () => {
  test("count over all connections of the dialect, and each peer keeps its order", async () => {
    const { world, finish } = await holding({ wire: { defaults: { workers: 2 } } });
    const peers = [await world.speak(), await world.speak(), await world.speak()];
    for (const peer of peers) peer.say({ call: "hold" }, { call: "hold" });
    await turns();
    expect(finish).toHaveLength(2);
    for (let i = 0; i < 6; i++) {
      finish[i]?.(i);
      await turns();
      expect(finish.length - i).toBeLessThanOrEqual(3);
    }
    const heard = await Promise.all(peers.map((peer) => peer.hearSome(2)));
    expect(heard).toEqual([
      [{ result: 0 }, { result: 1 }],
      [{ result: 2 }, { result: 3 }],
      [{ result: 4 }, { result: 5 }],
    ]);
  });

  test("begin no call whose time was up, or whose peer left, before its turn", async () => {
    const clock = manualClock(0);
    const defaults: DialectDefaults = { workers: 1, handlerTimeoutMs: 1_000 };
    const { world, finish } = await holding({ clock, wire: { defaults } });
    const begun: unknown[] = [];
    world.server.expose({ note: (value: unknown) => begun.push(value) }, PUBLIC);
    const [peer, leaving] = [await world.speak(), await world.speak()];
    peer.say({ call: "hold" }, { call: "note", args: ["late"] });
    leaving.say({ call: "note", args: ["gone"] });
    await turns();
    leaving.close();
    clock.advance(1_005);
    await turns();
    peer.say({ call: "note", args: ["after"] });
    finish[0]?.("too late");
    expect(await peer.hearSome(3)).toMatchObject([
      ...[{ error: { code: "DEADLINE_EXCEEDED" } }, { error: { code: "DEADLINE_EXCEEDED" } }],
      { result: 1 },
    ]);
    expect(begun).toEqual(["after"]);
  });
});

describe("a screen", () => {
  const screen = (message: Message): Message | undefined => {
    if (message.kind === "event") return message.name === "noise" ? undefined : message;
    if (message.kind !== "call" || message.procedure !== "secret") return message;
    const failure = { code: "RATE_LIMITED", message: "later" } as const;
    return { ...message, args: NO_ARGUMENTS, settled: { failure } } satisfies CallMessage;
  };

  test("drops events and answers calls before anybody sees them; the rest goes on", async () => {
    const { world } = await holding({ screen });
    const seen: unknown[] = [];
    world.server.procedure("secret", PUBLIC, () => seen.push("secret"));
    world.server.event("noise", PUBLIC);
    world.server.event("news", PUBLIC);
    for (const name of ["noise", "news"]) world.server.onEvent(name, () => void seen.push(name));
    const peer = await world.speak();
    peer.say({ event: "noise" }, { call: "secret" }, { event: "news" });
    peer.say({ call: "echo", args: [1] }, { call: "secret" });
    const refused = { error: { code: "RATE_LIMITED", message: "later" } };
    expect(await peer.hearSome(3)).toEqual([refused, { result: 1 }, refused]);
    expect(seen).toEqual(["news"]);
  });
});

describe("a peer that ends its side", () => {
  test("still gets its answers where the wire wants it, then the end", async () => {
    const { world, finish } = await holding({ wire: { halfClose: true } });
    const peer = await world.speak();
    peer.say({ call: "hold" }, { call: "echo", args: [1] });
    peer.endSide();
    await turns();
    finish[0]?.("done");
    const heard = [await peer.hear(), await peer.hear(), await peer.hear()];
    expect(heard).toEqual([{ result: "done" }, { result: 1 }, undefined]);
    await turns();
    expect(world.server.connections.size).toBe(0);
  });

  test("in the same moment in which it asks still gets what is answered at once", async () => {
    const { world } = await holding({ wire: { halfClose: true } });
    const peer = await world.speak();
    peer.say({ call: "echo", args: [1] });
    peer.endSide();
    expect([await peer.hear(), await peer.hear()]).toEqual([{ result: 1 }, undefined]);
  });

  test("is gone at once where the wire does not", async () => {
    const { world } = await holding();
    const peer = await world.speak();
    peer.say({ call: "hold" });
    peer.endSide();
    expect(await peer.hear()).toBeUndefined();
  });

  test("and whose handler hangs is let go when the server closes", async () => {
    const { world } = await holding({ wire: { halfClose: true } });
    const peer = await world.speak();
    peer.say({ call: "hold" });
    peer.endSide();
    await turns();
    expect(world.server.connections.size).toBe(1);
    await world.server.close({ drainMs: 0 });
    expect(await peer.hear()).toBeUndefined();
  });
});

describe("errors", () => {
  const boom = (world: Pick<PlainWorld, "server">) =>
    world.server.procedure("boom", PUBLIC, async (_: Call) => {
      throw new RangeError("the text");
    });

  test("show text and class where the wire shows them, the stack never", async () => {
    const { world } = await holding({ wire: { showsErrors: true } });
    boom(world);
    const client = await world.connect();
    const error = await client.call("boom").catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "INTERNAL", message: "the text", type: "RangeError" });
    expect(JSON.stringify(error)).not.toContain("plain-wires.test");
  });

  test("are told by a number alone on the native wire", async () => {
    const world = await makeWorld();
    boom(world);
    const client = await world.connect();
    const error = await client.call("boom").catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "INTERNAL" });
    expect(String(error)).toMatch(/reference c1-/);
    expect(String(error)).not.toContain("the text");
    await world.close();
  });
});

test("what receivers of events return goes back as events where the wire answers them", async () => {
  for (const answersEvents of [true, false]) {
    const { world } = await holding({ wire: { answersEvents } });
    world.server.event("ask", PUBLIC);
    world.server.onEvent("ask", async (data) => Number(data) * 2);
    const peer = await world.speak();
    peer.say({ event: "ask", data: 1 }, { event: "ask", data: 2 });
    await turns();
    peer.say({ call: "echo" });
    const answers = [1, 2].map((n) => ({ event: "ask_response", data: n * 2 }));
    const expected = [...(answersEvents ? answers : []), {}];
    expect(await peer.hearSome(expected.length)).toEqual(expected);
  }
});
