import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { makeWorld, turns, type World } from "../../../test/simulated/world.ts";
import type { Client } from "../../client/client.ts";
import { manualClock } from "../../testing/manual-clock.ts";
import type { Call } from "../model/call.ts";
import { SealwireError } from "../model/errors.ts";
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
