import { expect, test } from "vitest";
import { SealwireError } from "../core/model/errors.ts";
import type { DialectSuite } from "./dialect-under-test.ts";
import { type ServerAndClient, serverAndClient } from "./server-and-client.ts";

/** More than any window of credit, so that the receiver must grant more. */
const ITEMS = 3_000;

/** Streams in either direction, or their refusal. */
export function streaming(suite: DialectSuite): void {
  test("carries a long stream in order to its end, or refuses it", async () => {
    await using pair = await pairOf(suite);
    const read = () => collect(pair.client.stream("count", [ITEMS]));
    if (!(await streams(suite))) return expectUnsupported(read);
    expect(await read()).toEqual(Array.from({ length: ITEMS }, (_, i) => i));
    expect(await read()).toHaveLength(ITEMS);
  });

  test("carries the failure of a stream after its items", async () => {
    await using pair = await pairOf(suite);
    if (!(await streams(suite))) return;
    const items: unknown[] = [];
    const reading = (async () => {
      for await (const item of pair.client.stream("break")) items.push(item);
    })();
    await expect(reading).rejects.toBeInstanceOf(SealwireError);
    expect(items).toEqual([1]);
  });

  test("stops a stream that nobody reads on", async () => {
    await using pair = await pairOf(suite);
    if (!(await streams(suite))) return;
    for await (const item of pair.client.stream("count", [Number.POSITIVE_INFINITY])) {
      if (item === 2) break;
    }
    await pair.stopped;
    expect(await pair.client.call("sum", [])).toBe(0);
  });

  test("carries what a caller streams in, or refuses it", async () => {
    await using pair = await pairOf(suite);
    const sum = () => pair.client.call("sum", [], { input: upTo(ITEMS) });
    if (!(await streams(suite))) return expectUnsupported(sum);
    expect(await sum()).toBe((ITEMS * (ITEMS - 1)) / 2);
  });
}

async function streams(suite: DialectSuite): Promise<boolean> {
  return (await suite.make()).dialect.vocabulary.kinds.has("item");
}

async function expectUnsupported(run: () => Promise<unknown>): Promise<void> {
  await expect((async () => run())()).rejects.toMatchObject({ code: "UNSUPPORTED" });
}

interface StreamingPair extends ServerAndClient {
  /** Resolves when a stream of the server was left or has ended. */
  readonly stopped: Promise<void>;
}

async function pairOf(suite: DialectSuite): Promise<StreamingPair> {
  const { dialect, server, client } = await suite.make();
  let stop = () => {};
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  const pair = await serverAndClient({
    ...{ dialect, ...(server && { server }), ...(client && { client }) },
    register(registering) {
      registering.expose({ count: (to: number) => upTo(to, stop) }, { public: true });
      registering.procedure("break", { public: true }, breaking);
      registering.procedure("sum", { public: true }, async (call) => {
        let sum = 0;
        for await (const item of call.input) sum += Number(item);
        return sum;
      });
    },
  });
  return Object.assign(pair, { stopped });
}

async function* upTo(end: number, stopped: () => void = () => {}): AsyncGenerator<number> {
  try {
    for (let i = 0; i < end; i++) yield i;
  } finally {
    stopped();
  }
}

async function* breaking(): AsyncGenerator<number> {
  yield 1;
  throw new SealwireError("CONFLICT", "the source broke");
}

async function collect(items: AsyncIterable<unknown>): Promise<unknown[]> {
  const all: unknown[] = [];
  for await (const item of items) all.push(item);
  return all;
}
