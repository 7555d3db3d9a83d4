import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ADDRESS, makeWorld, turns, type World } from "../../test/simulated/world.ts";
import type { Authenticator } from "../core/contracts/authenticator.ts";
import type { Call } from "../core/model/call.ts";
import { SealwireError } from "../core/model/errors.ts";
import { ANONYMOUS } from "../core/model/peer.ts";
import { NODE_PLATFORM } from "../presets/platform.node.ts";
import { type ManualClock, manualClock } from "../testing/manual-clock.ts";
import { Client } from "./client.ts";

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
    const client = await world.connect({ reconnect: RECONNECT });
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
    const client = await world.connect({ reconnect: RECONNECT, retries: 2 });
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

  test("an UNAVAILABLE of the handler is an answer and is not repeated", async () => {
    const client = await world.connect({ reconnect: RECONNECT });
    let asked = 0;
    world.server.procedure("busy", PUBLIC, () => {
      asked += 1;
      throw new SealwireError("UNAVAILABLE", "the database is away");
    });
    await expect(client.call("busy", [], { idempotent: true })).rejects.toThrow("database");
    expect(asked).toBe(1);
  });

  test("an idempotent stream starts anew", async () => {
    const client = await world.connect({ reconnect: RECONNECT });
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

describe("when the server drains", () => {
  test("new calls wait for the next connection while running ones finish", async () => {
    const client = await world.connect({ reconnect: RECONNECT });
    let finish: (value: string) => void = () => {};
    const finished = new Promise<string>((resolve) => {
      finish = resolve;
    });
    world.server.procedure("long", PUBLIC, () => finished);
    world.server.procedure("who", PUBLIC, (call: Call) => call.peer.id);
    const long = client.call("long");
    await turns();
    const drained = world.server.connections.get("c1")?.drain(60_000);
    await turns();
    const who = client.call("who");
    await pass(100);
    expect(await who).toBe("c2");
    finish("done");
    expect(await long).toBe("done");
    await drained;
  });

  test("closing the client closes what the server has said goodbye to as well", async () => {
    const client = await world.connect({ reconnect: RECONNECT });
    world.server.procedure("never", PUBLIC, () => new Promise(() => {}));
    const call = expect(client.call("never")).rejects.toMatchObject({ code: "UNAVAILABLE" });
    await turns();
    void world.server.connections.get("c1")?.drain(1_000_000);
    await turns();
    await client.close();
    await call;
    await turns();
    expect(world.server.connections.size).toBe(0);
  });

  test("a server that says goodbye and stays is left after a while", async () => {
    const client = await world.connect({ reconnect: RECONNECT, callTimeoutMs: 1e9 });
    world.server.procedure("never", PUBLIC, () => new Promise(() => {}));
    const call = expect(client.call("never")).rejects.toMatchObject({ code: "UNAVAILABLE" });
    await turns();
    void world.server.connections.get("c1")?.drain(1_000_000);
    await pass(100);
    client.call("echo").catch(() => {});
    await pass(29_000);
    await pass(31_000);
    await call;
    expect([...world.server.connections.keys()]).not.toContain("c1");
  });
});

describe("closing", () => {
  test("while it connects ends the connecting at once", async () => {
    const { platform, schemes } = world;
    const client = new Client(new URL(ADDRESS), { serverKeys: [] }, { platform, schemes });
    const opening = expect(client.open()).rejects.toThrow("has been closed");
    await client.close();
    await opening;
    expect(client.state).toBe("closed");
    await turns();
    expect(world.server.connections.size).toBe(0);
  });

  test("in a pause before the next try leaves no timer and rejects those who wait", async () => {
    const client = await world.connect({ reconnect: RECONNECT });
    await breakPath();
    const call = expect(client.call("echo")).rejects.toMatchObject({ code: "UNAVAILABLE" });
    await turns();
    await client.close();
    await call;
    await pass(10_000);
    expect([client.state, world.transport.taps.length, clock.waiting]).toEqual(["closed", 1, 0]);
  });

  test("runs what features left to do, once", async () => {
    const client = await world.connect();
    let closed = 0;
    client.install((host) =>
      host.onClose(async () => {
        closed += 1;
      }),
    );
    await Promise.all([client.close(), client.close()]);
    expect(closed).toBe(1);
  });
});

describe("connecting", () => {
  test("ends after its time", async () => {
    const stuck = {
      ...world.transport,
      connect: (_: URL, { signal }: { signal: AbortSignal }) =>
        new Promise<never>((_resolve, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason));
        }),
    };
    const opening = world.connect({ transport: stuck, connectTimeoutMs: 700 });
    const outcome = expect(opening).rejects.toMatchObject({ code: "UNAVAILABLE" });
    await pass(700);
    await outcome;
    expect(clock.waiting).toBe(0);
  });

  test("ends with the signal of whoever asked for it", async () => {
    const controller = new AbortController();
    const opening = world.connect({ signal: controller.signal });
    const outcome = expect(opening).rejects.toMatchObject({ code: "CANCELLED" });
    controller.abort();
    await outcome;
    await expect(world.connect({ signal: AbortSignal.abort() })).rejects.toBeInstanceOf(
      SealwireError,
    );
  });

  test("to a server with another key than the pinned one fails and says so", async () => {
    const other = new Uint8Array(32).fill(9);
    const opening = world.connect({ serverKeys: [other, other] });
    await expect(opening).rejects.toMatchObject({ code: "HANDSHAKE_FAILED" });
  });
});

test("what a state hook throws changes nothing", async () => {
  const client = await world.connect({ reconnect: RECONNECT });
  client.onState(() => {
    throw new Error("a hook's own failure");
  });
  await breakPath();
  await pass(100);
  expect(await client.call("echo", [1])).toBe(1);
});

test("a token proven anew is used when the client comes back", async () => {
  world.server.procedure("who", (call: Call) => call.principal?.id);
  const client = await world.connect({ reconnect: RECONNECT });
  await client.authenticate("tim");
  expect(await client.call("who")).toBe("tim");
  await breakPath();
  await pass(100);
  expect(await client.call("who")).toBe("tim");
});

async function collect(items: AsyncIterable<unknown>): Promise<unknown[]> {
  const all: unknown[] = [];
  for await (const item of items) all.push(item);
  return all;
}

test("a process does not end while its client waits to come back, other timers do not hold it", () => {
  const { clock: nodeClock } = NODE_PLATFORM;
  const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
  const before = timers();
  const cancels = [nodeClock.after(10_000, () => {}), nodeClock.after(10_000, () => {}, true)];
  const during = timers();
  for (const cancel of cancels) cancel();
  expect([during - before, timers() - before]).toEqual([1, 0]);
});
