import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { makeWorld, turns, type World } from "../../test/simulated/world.ts";
import type { Authenticator } from "../core/contracts/authenticator.ts";
import type { Call } from "../core/model/call.ts";
import { SealwireError } from "../core/model/errors.ts";
import { ANONYMOUS } from "../core/model/peer.ts";
import { type ManualClock, manualClock } from "../testing/manual-clock.ts";

const PUBLIC = { public: true };
const RECONNECT = { baseMs: 100, maxMs: 1_000, random: () => 1 };
const DOWN = new SealwireError("UNAVAILABLE", "the server is away");
let clock: ManualClock;
let world: World;

const authenticator: Authenticator = {
  authenticate: async (evidence) => {
    if (evidence.scheme !== "token") return ANONYMOUS;
    return { id: evidence.token, scopes: new Set<string>() };
  },
};

beforeEach(async () => {
  clock = manualClock(1_000);
  world = await makeWorld({ clock, authenticator });
  world.server.expose({ echo: (value: unknown) => value }, PUBLIC);
});
afterEach(() => world.close());

function breakPath(): Promise<void> {
  world.transport.taps.at(-1)?.break();
  return turns();
}

async function pass(ms: number): Promise<void> {
  clock.advance(ms);
  await turns(25);
}

describe("after a break", () => {
  test("a client comes back, and tells where it stands", async () => {
    const client = await world.connect({ reconnect: RECONNECT });
    const states: string[] = [];
    client.onState((state, error) => states.push(error ? `${state} ${error.code}` : state));
    await breakPath();
    await pass(100);
    expect(states).toEqual(["broken UNAVAILABLE", "connecting UNAVAILABLE", "open"]);
    expect(await client.call("echo", [1])).toBe(1);
  });

  test("a client says why also when the server ended the connection without a word", async () => {
    const client = await world.connect({ reconnect: RECONNECT });
    const why = new Promise((resolve) => client.onState((_, error) => resolve(error)));
    void world.transport.taps.at(-1)?.close();
    expect(await why).toMatchObject({ code: "UNAVAILABLE" });
  });

  test("the pauses grow to their bound, and start small again after a stable time", async () => {
    const client = await world.connect({ reconnect: RECONNECT });
    const tries: number[] = [];
    client.onState((state) => void (state === "connecting" && tries.push(clock.now())));
    world.transport.down = DOWN;
    await breakPath();
    for (let i = 0; i < 40; i++) await pass(100);
    const pauses = tries.slice(1).map((at, i) => at - (tries[i] ?? 0));
    expect(pauses.slice(0, 6)).toEqual([200, 400, 800, 1_000, 1_000]);
    world.transport.down = undefined;
    await pass(1_000);
    await pass(6_000);
    tries.length = 0;
    const brokeAt = clock.now();
    await breakPath();
    await pass(100);
    expect(tries).toEqual([brokeAt + 100]);
  });

  test("a server that closes at once is not stormed", async () => {
    const client = await world.connect({ reconnect: RECONNECT });
    world.server.onConnect((peer) => void world.server.connections.get(peer.id)?.close());
    let tries = 0;
    client.onState((state) => void (state === "connecting" && tries++));
    await breakPath();
    for (let i = 0; i < 40; i++) await pass(100);
    expect(tries).toBeLessThan(9);
  });

  test("calls that were not sent wait for the next connection", async () => {
    const client = await world.connect({ reconnect: RECONNECT });
    await breakPath();
    const call = client.call("echo", ["waited"]);
    await pass(100);
    expect(await call).toBe("waited");
  });

  test("waiting ends with the call's deadline, with its signal, or with the default timeout", async () => {
    const client = await world.connect({ reconnect: RECONNECT, callTimeoutMs: 5_000 });
    world.transport.down = DOWN;
    await breakPath();
    const controller = new AbortController();
    const calls = Promise.allSettled([
      client.call("echo", [1], { timeoutMs: 1_000 }),
      client.call("echo", [2], { signal: controller.signal }),
      client.call("echo", [3]),
      client.call("echo", [4], { signal: AbortSignal.abort() }),
      collect(client.stream("echo", [5], { timeoutMs: 500 })),
    ]);
    await pass(1_000);
    controller.abort();
    await pass(4_000);
    const codes = (await calls).map((outcome) => Reflect.get(outcome, "reason").code);
    expect(codes).toEqual([
      "DEADLINE_EXCEEDED",
      "CANCELLED",
      "DEADLINE_EXCEEDED",
      "CANCELLED",
      "DEADLINE_EXCEEDED",
    ]);
  });

  test("a call in the very moment of the break waits as well", async () => {
    const client = await world.connect({ reconnect: RECONNECT });
    world.transport.taps.at(-1)?.stall();
    clock.advance(30_000);
    clock.advance(15_000);
    const call = client.call("echo", ["at once"]);
    await turns();
    await pass(100);
    expect(await call).toBe("at once");
  });

  test("no more calls wait than the limit says", async () => {
    const limits = { maxWaitingCalls: 2 };
    const client = await world.connect({ reconnect: RECONNECT, limits });
    await breakPath();
    const calls = [client.call("echo", [1]), client.call("echo", [2])];
    await turns();
    await expect(client.call("echo", [3])).rejects.toMatchObject({ code: "RATE_LIMITED" });
    await pass(100);
    expect(await Promise.all(calls)).toEqual([1, 2]);
  });

  test("calls in flight fail unless they are idempotent: those are repeated", async () => {
    const client = await world.connect({ reconnect: RECONNECT, resume: false });
    let asked = 0;
    world.server.procedure("second time", PUBLIC, () => {
      asked += 1;
      return asked > 2 ? "answered" : new Promise(() => {});
    });
    const once = client.call("second time").catch((error: SealwireError) => error.code);
    const again = client.call("second time", [], { idempotent: true });
    await turns();
    await breakPath();
    await pass(100);
    expect([await once, await again]).toEqual(["UNAVAILABLE", "answered"]);
  });

  test("repeats have a budget, and an input that was streamed is not streamed again", async () => {
    const client = await world.connect({ reconnect: RECONNECT, resume: false, retries: 2 });
    let asked = 0;
    world.server.procedure("never", PUBLIC, () => {
      asked += 1;
      return new Promise(() => {});
    });
    const idempotent = { idempotent: true };
    const call = client.call("never", [], idempotent).catch((error: SealwireError) => error.code);
    for (let i = 0; i < 4; i++) {
      await turns();
      await breakPath();
      await pass(1_000);
    }
    expect([await call, asked]).toEqual(["UNAVAILABLE", 3]);
    const input = (async function* () {
      yield 1;
    })();
    const streaming = client.call("never", [], { ...idempotent, input });
    const failed = expect(streaming).rejects.toMatchObject({ code: "UNAVAILABLE" });
    await turns();
    await breakPath();
    await failed;
  });

  test("an idempotent stream starts anew", async () => {
    const client = await world.connect({ reconnect: RECONNECT, resume: false });
    world.server.procedure("count", PUBLIC, async function* (call: Call) {
      yield* [1, 2];
      if (call.peer.id === "c1") await new Promise(() => {});
      yield 3;
    });
    const got: unknown[] = [];
    const reading = (async () => {
      for await (const item of client.stream("count", [], { idempotent: true })) got.push(item);
    })();
    await turns();
    await breakPath();
    await pass(100);
    await reading;
    expect(got).toEqual([1, 2, 1, 2, 3]);
  });

  test("events are watched again, those wished for meanwhile too, and can be left", async () => {
    world.server.event("tick", PUBLIC);
    world.server.event("tock", PUBLIC);
    const client = await world.connect({ reconnect: RECONNECT });
    const heard: unknown[] = [];
    const tick = client.onEvent("tick", (data) => heard.push(["tick", data]));
    await tick.ready;
    await breakPath();
    const tock = client.onEvent("tock", (data) => heard.push(["tock", data]));
    await pass(100);
    await tock.ready;
    await world.server.broadcast("tick", 1);
    await world.server.broadcast("tock", 2);
    await turns();
    tick.close();
    await turns();
    expect(heard).toEqual([
      ["tick", 1],
      ["tock", 2],
    ]);
    expect(await world.server.broadcast("tick", 3)).toMatchObject({ delivered: 0 });
  });

  test("a client gives up after so many tries, and those who wait learn why", async () => {
    const client = await world.connect({ reconnect: { ...RECONNECT, attempts: 2 } });
    world.transport.down = DOWN;
    await breakPath();
    const call = expect(client.call("echo", [1])).rejects.toThrow("the server is away");
    await pass(100);
    await pass(200);
    await call;
    expect(client.state).toBe("closed");
  });

  test.each([
    new SealwireError("UNAUTHENTICATED", "the token is used up"),
    new SealwireError("HANDSHAKE_FAILED", "another key", { details: "server-key" }),
  ])("$code about who is who ends it, however often it may try", async (error) => {
    const client = await world.connect({ reconnect: RECONNECT });
    world.transport.down = error;
    await breakPath();
    await pass(100);
    expect(client.state).toBe("closed");
    await expect(client.call("echo")).rejects.toBe(error);
  });
});

async function collect(items: AsyncIterable<unknown>): Promise<unknown[]> {
  const all: unknown[] = [];
  for await (const item of items) all.push(item);
  return all;
}
