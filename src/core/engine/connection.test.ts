import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { makeWorld, turns, type World } from "../../../test/simulated/world.ts";
import type { Client } from "../../client/client.ts";
import { manualClock } from "../../testing/manual-clock.ts";
import type { Call } from "../model/call.ts";
import { type ErrorCode, SealwireError } from "../model/errors.ts";
import { STREAM_WINDOW } from "./streams.ts";

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

describe("an error", () => {
  test("of Sealwire's own kind travels with code, message and details", async () => {
    serve("refuse", () => {
      throw new SealwireError("CONFLICT", "version 3 is older", { details: { version: 4 } });
    });
    const error = await client.call("refuse").catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(SealwireError);
    expect(error).toMatchObject({ code: "CONFLICT", details: { version: 4 } });
    expect(String(error)).toContain("version 3 is older");
  });

  test("of any other kind is told by a number alone, under which the log has the rest", async () => {
    serve("boom", async () => {
      throw new TypeError("password hunter2 is wrong");
    });
    const error = await client.call("boom").catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "INTERNAL" });
    expect(String(error)).not.toContain("hunter2");
    const [line] = world.lines.filter(({ level }) => level === "error");
    expect(String(error)).toContain(String(line?.fields["reference"]));
  });

  test("with a code that nobody knows here arrives as UNKNOWN", async () => {
    serve("odd", () => {
      throw new SealwireError("FROM_LATER" as ErrorCode, "a later version's");
    });
    await expect(client.call("odd")).rejects.toMatchObject({ code: "UNKNOWN" });
  });

  test("too large to be sent is told shortened, and others do not suffer", async () => {
    serve("long", () => {
      throw new SealwireError("CONFLICT", "x".repeat(20_000_000));
    });
    serve("fine", () => "fine");
    const [long, fine] = await Promise.allSettled([client.call("long"), client.call("fine")]);
    expect(fine).toMatchObject({ value: "fine" });
    expect(long).toMatchObject({ reason: { code: "CONFLICT" } });
  });

  test("meets the call alone whose arguments or result cannot travel", async () => {
    serve("echo", (call) => call.args.positional[0]);
    serve("make", () => () => 0);
    const calls = [client.call("echo", [() => 0]), client.call("make"), client.call("echo", [1])];
    const [first, second, third] = await Promise.allSettled(calls);
    expect(first).toMatchObject({ reason: { code: "INVALID_ARGUMENT" } });
    expect(second).toMatchObject({ reason: { code: "INTERNAL" } });
    expect(third).toMatchObject({ value: 1 });
  });
});

describe("names", () => {
  const NAMES = ["__proto__", "constructor", "toString", "then", "hasOwnProperty"];

  test.each(NAMES)(
    "such as %s are procedures when somebody registers them, else not",
    async (name) => {
      await expect(client.call(name)).rejects.toMatchObject({ code: "NOT_FOUND" });
      serve(name, () => "mine");
      expect(await client.call(name)).toBe("mine");
    },
  );

  test("that could change what an object is are refused as keys", async () => {
    serve("named", () => 0);
    const named: Record<string, unknown> = JSON.parse('{"__proto__":{"plain":2}}');
    const call = client.call("named", named);
    await expect(call).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  });

  test.each(NAMES.slice(1))("such as %s are arguments and keys like others", async (name) => {
    serve("named", (call) => Object.entries(call.args.named));
    const named: unknown = JSON.parse(`{"${name}":1,"plain":2}`);
    const sent = await client.call("named", named as Record<string, unknown>);
    expect(sent).toEqual(expect.arrayContaining([["plain", 2]]));
    expect(({} as Record<string, unknown>)["plain"]).toBeUndefined();
  });

  test("that are huge are refused in a short sentence", async () => {
    const error = await client.call("x".repeat(100_000)).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "NOT_FOUND" });
    expect(String(error).length).toBeLessThan(300);
  });
});

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

describe("a stream", () => {
  test("of the server comes item by item and ends", async () => {
    serve("count", () => numbers(700));
    expect(await collect(client.stream("count"))).toHaveLength(700);
    expect(await collect((await client.call("count")) as AsyncIterable<unknown>)).toHaveLength(700);
  });

  test("of the client is read by the handler", async () => {
    serve("sum", async (call) => {
      let sum = 0;
      for await (const item of call.input) sum += Number(item);
      return sum;
    });
    expect(await client.call("sum", [], { input: numbers(3_000) })).toBe((2_999 * 3_000) / 2);
  });

  test("goes both ways at once", async () => {
    serve("double", async function* (call) {
      for await (const item of call.input) yield Number(item) * 2;
    });
    const doubled = await collect(client.stream("double", [], { input: numbers(2_500) }));
    expect(doubled.at(-1)).toBe(4_998);
    expect(doubled).toHaveLength(2_500);
  });

  test("stops its source within the window when nobody takes the items", async () => {
    let made = 0;
    serve("endless", async function* () {
      for (;;) yield made++;
    });
    const items = client.stream("endless")[Symbol.asyncIterator]();
    await items.next();
    await turns(200);
    expect(made).toBeLessThanOrEqual(STREAM_WINDOW + 2);
    await items.return?.();
  });

  test("of a client stops in the same way when the handler does not read", async () => {
    let made = 0;
    const source = (async function* () {
      for (;;) yield made++;
    })();
    const aborted = abortedReason("deaf");
    const controller = new AbortController();
    const call = client.call("deaf", [], { input: source, signal: controller.signal });
    call.catch(() => {});
    await turns(200);
    expect(made).toBeLessThanOrEqual(STREAM_WINDOW + 1);
    controller.abort();
    await aborted;
  });

  test("that is left early runs the finally blocks of the handler's generator", async () => {
    let over: () => void = () => {};
    const ended = new Promise<void>((resolve) => {
      over = resolve;
    });
    serve("count", async function* () {
      try {
        for (let i = 0; ; i++) yield i;
      } finally {
        over();
      }
    });
    for await (const item of client.stream("count")) if (item === 5) break;
    await ended;
  });

  test("that fails halfway gives what came before, then the error", async () => {
    serve("half", async function* () {
      yield 1;
      throw new SealwireError("NOT_FOUND", "no second one");
    });
    const got: unknown[] = [];
    const reading = (async () => {
      for await (const item of client.stream("half")) got.push(item);
    })();
    await expect(reading).rejects.toMatchObject({ code: "NOT_FOUND" });
    expect(got).toEqual([1]);
  });

  test("whose source cannot be started fails alone", async () => {
    serve("bad", async () => ({
      [Symbol.asyncIterator]() {
        throw new SealwireError("UNAVAILABLE", "no source");
      },
    }));
    serve("fine", () => "fine");
    await expect(collect(client.stream("bad"))).rejects.toMatchObject({ code: "UNAVAILABLE" });
    expect(await client.call("fine")).toBe("fine");
  });
});

test("a handler that hands on the answer of another server gives its value, or its stream", async () => {
  const further = await makeWorld({ clock });
  const next = await further.connect();
  further.server.expose({ add: (a: number, b: number) => a + b, count: numbers }, PUBLIC);
  const api = next.api<{
    add(a: number, b: number): number;
    count(n: number): AsyncIterable<number>;
  }>();
  serve("add", () => api.add(2, 3));
  serve("count", () => api.count(3));
  expect(await client.call("add")).toBe(5);
  expect(await collect(client.stream("count"))).toEqual([0, 1, 2]);
  await further.close();
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

test("a handler that takes its time with large items costs nobody the connection", async () => {
  let read: () => void = () => {};
  const mayRead = new Promise<void>((resolve) => {
    read = resolve;
  });
  serve("slow reader", async (call) => {
    await mayRead;
    let bytes = 0;
    for await (const item of call.input) bytes += (item as Uint8Array).length;
    return bytes;
  });
  const input = (async function* () {
    for (let i = 0; i < 40; i++) yield new Uint8Array(1_000_000);
  })();
  const call = client.call("slow reader", [], { input, timeoutMs: 1e9 });
  for (let i = 0; i < 100; i++) {
    await turns(2);
    clock.advance(5_000);
  }
  read();
  expect(await call).toBe(40_000_000);
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

async function* numbers(count: number): AsyncGenerator<number> {
  for (let i = 0; i < count; i++) yield i;
}

async function collect(items: AsyncIterable<unknown>): Promise<unknown[]> {
  const all: unknown[] = [];
  for await (const item of items) all.push(item);
  return all;
}
