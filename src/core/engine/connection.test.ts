import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { makeWorld, turns, type World } from "../../../test/simulated/world.ts";
import type { Client } from "../../client/client.ts";
import { manualClock } from "../../testing/manual-clock.ts";
import type { Call } from "../model/call.ts";

const clock = manualClock(5_000_000);
const PUBLIC = { public: true };
let world: World;
let client: Client;

beforeEach(async () => {
  world = await makeWorld({ clock, maxWaitingBytes: 10_000 });
  client = await world.connect();
});
afterEach(() => world.close());

function serve(name: string, handler: (call: Call) => unknown): void {
  world.server.procedure(name, PUBLIC, handler);
}

test("arguments by position and by name travel together", async () => {
  serve("both", (call) => call.args);
  const sent = await client.call("both", [1, 2], { named: { c: 3 } });
  expect(sent).toEqual({ positional: [1, 2], named: { c: 3 } });
});

test("short texts travel beside a call", async () => {
  serve("trace", (call) => call.meta["trace"]);
  expect(await client.call("trace", [], { meta: { trace: "4711" } })).toBe("4711");
});

describe("a deadline", () => {
  test("travels, and what is left of it travels on to the next server", async () => {
    const further = await makeWorld({ clock });
    const next = await further.connect();
    const left: number[] = [];
    further.server.procedure("last", PUBLIC, (call: Call) => {
      left.push((call.deadline ?? 0) - clock.now());
    });
    serve("first", (call) => {
      left.push((call.deadline ?? 0) - clock.now());
      clock.advance(400);
      return next.call("last", [], call.deadline === undefined ? {} : { deadline: call.deadline });
    });
    await client.call("first", [], { timeoutMs: 1_000 });
    expect(left).toEqual([1_000, 600]);
    await further.close();
  });

  test("that is only the caller's default does not travel", async () => {
    serve("deadline", (call) => call.deadline);
    expect(await client.call("deadline")).toBeUndefined();
    expect(await client.call("deadline", [], { idempotent: true })).toBeUndefined();
    client.use((call, next) => next(call));
    expect(await client.call("deadline")).toBeUndefined();
  });

  test("ends the call on both sides", async () => {
    const aborted = abortedReason("hang");
    const call = client.call("hang", [], { timeoutMs: 1_000 });
    const outcome = expect(call).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" });
    await turns();
    clock.advance(1_100);
    await outcome;
    expect(await aborted).toMatchObject({ code: "DEADLINE_EXCEEDED" });
  });

  test("that has passed already, or is no number, fails at once", async () => {
    serve("now", () => 1);
    const passed = expect(client.call("now", [], { timeoutMs: -1 })).rejects.toMatchObject({
      code: "DEADLINE_EXCEEDED",
    });
    clock.advance(10);
    await passed;
    await expect(client.call("now", [], { timeoutMs: Number.NaN })).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
    });
  });

  test("of the server itself ends a handler for which the caller would wait", async () => {
    world.server.procedure("slow", { ...PUBLIC, timeoutMs: 500 }, () => new Promise(() => {}));
    const outcome = expect(client.call("slow")).rejects.toMatchObject({
      code: "DEADLINE_EXCEEDED",
    });
    await turns();
    clock.advance(600);
    await outcome;
  });
});

test("a cancelled call fails with CANCELLED and reaches the handler's signal", async () => {
  const aborted = abortedReason("hang");
  const controller = new AbortController();
  const call = client.call("hang", [], { signal: controller.signal });
  const outcome = expect(call).rejects.toMatchObject({ code: "CANCELLED" });
  await turns();
  controller.abort();
  await outcome;
  expect(await aborted).toMatchObject({ code: "CANCELLED" });
});

test("both sides may call", async () => {
  client.expose({ greet: (name: string) => `hello ${name}` });
  serve("turn", (call) => world.server.connections.get(call.peer.id)?.call("greet", ["you"]));
  expect(await client.call("turn")).toBe("hello you");
});

test("a drain lets running handlers finish, refuses to wait for ever, and may be asked twice", async () => {
  let finish: (value: unknown) => void = () => {};
  const finished = new Promise((resolve) => {
    finish = resolve;
  });
  serve("long", () => finished);
  serve("never", () => new Promise(() => {}));
  const long = client.call("long");
  const never = expect(client.call("never")).rejects.toMatchObject({ code: "UNAVAILABLE" });
  await turns();
  const [connection] = world.server.connections.values();
  const drains = [connection?.drain(1_000), connection?.drain(2_000)];
  await turns();
  finish("done");
  expect(await long).toBe("done");
  clock.advance(1_000);
  await Promise.all(drains);
  await never;
});

test("statistics count what went over the wire", async () => {
  serve("now", () => 1);
  await client.call("now");
  expect(client.connection?.statistics).toMatchObject({ receivedMessages: 1, outgoingCalls: 0 });
  expect(client.connection?.statistics.sentBytes).toBeGreaterThan(10);
});

function abortedReason(name: string): Promise<unknown> {
  return new Promise((resolve) => {
    serve(
      name,
      (call) =>
        new Promise((_, reject) => {
          call.signal.addEventListener("abort", () => {
            resolve(call.signal.reason);
            reject(call.signal.reason);
          });
        }),
    );
  });
}
