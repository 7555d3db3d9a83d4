import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ERROR_CODES, SealwireError } from "../../core/model/errors.ts";
import { type Message, NO_ARGUMENTS } from "../../core/model/message.ts";
import { KIND_PACKED } from "./kinds.ts";
import { formatBatch, parseBatch } from "./messages.ts";

const VIOLATION = expect.objectContaining({ code: "PROTOCOL_VIOLATION" });
const parse = (values: unknown) => parseBatch(values, undefined);
const CALL: Message = { kind: "call", id: 1, procedure: "add", args: NO_ARGUMENTS };

/** What msgpack does to a batch on its way: `undefined` is nil there. */
const travelled = (values: readonly unknown[]) => values.map((value) => value ?? null);

describe("a batch", () => {
  test("is one flat array of numbers and fields", () => {
    const call: Message = { ...CALL, args: { positional: [2, 3], named: NO_ARGUMENTS.named } };
    const end: Message = { kind: "end", id: 4 };
    expect(formatBatch([call, end, { kind: "ping" }])).toEqual([0, 1, "add", [2, 3], 7, 4, 10]);
  });

  test("gives every kind of message back", () => {
    const id = fc.nat();
    const named = fc.dictionary(fc.constantFrom("a", "then", "constructor", "toString"), fc.nat(), {
      noNullPrototype: true,
    });
    const meta = fc.dictionary(fc.string(), fc.string(), { noNullPrototype: true });
    const kinds: fc.Arbitrary<Message>[] = [
      fc.record({
        kind: fc.constant("call"),
        id,
        procedure: fc.string(),
        args: fc.record({ positional: fc.array(fc.jsonValue()), named }),
      }) as fc.Arbitrary<Message>,
      fc.record({ id, meta, timeoutMs: fc.nat() }).map((more) => ({ ...CALL, ...more })),
      id.map((each) => ({ ...CALL, id: each, streaming: true }) as const),
      fc.record({ id, value: fc.jsonValue() }).map((rest) => ({ kind: "result", ...rest })),
      id.map((each) => ({ kind: "result", id: each, value: undefined })),
      fc
        .tuple(id, fc.constantFrom(...ERROR_CODES), fc.string())
        .map(([each, code, message]) => ({ kind: "error", id: each, failure: { code, message } })),
      fc.constantFrom("cancel", "end").chain((kind) => id.map((each) => ({ kind, id: each }))),
      fc.record({ id, value: fc.jsonValue() }).map((rest) => ({ kind: "item", ...rest })),
      fc.record({ id, items: fc.nat() }).map((rest) => ({ kind: "credit", ...rest })),
      fc.record({ name: fc.string(), data: fc.jsonValue() }).map((r) => ({ kind: "event", ...r })),
      fc.constantFrom("ping", "pong", "pause", "resume").map((kind) => ({ kind })),
      fc.string().map((reason) => ({ kind: "goodbye", reason })),
      fc.constant({ kind: "goodbye" }),
    ];
    fc.assert(
      fc.property(fc.array(fc.oneof(...kinds)), (batch) => {
        expect(parse(travelled(formatBatch(batch)))).toEqual(batch);
      }),
    );
  });

  test("keeps the details of a failure and every code by its name", () => {
    const failures = ERROR_CODES.map((code) => ({ code, message: "no", details: { code } }));
    const batch = failures.map((failure): Message => ({ kind: "error", id: 2, failure }));
    expect(parse(formatBatch(batch))).toEqual(batch);
    expect(parse([4, 2, "OF_A_LATER_VERSION", "no", null])).toEqual([
      { kind: "error", id: 2, failure: { code: "UNKNOWN", message: "no" } },
    ]);
  });

  test("that is empty says nothing", () => {
    expect(parse([])).toEqual([]);
  });
});

describe("a malformed batch is refused:", () => {
  test.each<[string, unknown]>([
    ["no array", { 0: 10 }],
    ["an unknown kind", [16]],
    ["a kind that is no number", ["ping"]],
    ["a batch that ends within a message", [0, 1, "add"]],
    ["an id that is text", [5, "1"]],
    ["an id that is negative", [5, -1]],
    ["an id that is a fraction", [5, 1.5]],
    ["an id that is a bigint", [5, 1n]],
    ["a procedure that is no text", [0, 1, 7, []]],
    ["arguments that are no array", [0, 1, "add", { length: 2 }]],
    ["named arguments that are an array", [1, 1, "add", [], [], null, null, false]],
    ["named arguments that are a Map", [1, 1, "add", [], new Map(), null, null, false]],
    ["metadata that is not text", [1, 1, "add", [], null, { a: 1 }, null, false]],
    ["a time limit that is text", [1, 1, "add", [], null, null, "5", false]],
    ["a streaming mark that is no boolean", [1, 1, "add", [], null, null, null, 1]],
    ["a code that is no text", [4, 1, 5, "no", null]],
    ["credit that is negative", [8, 1, -5]],
    ["an event whose name is no text", [9, null, 1]],
    ["a reason that is no text", [14, 5]],
    ["compressed bytes that nobody agreed upon", [15, new Uint8Array(3)]],
  ])("%s", (_, values) => {
    expect(() => parse(values)).toThrow(VIOLATION);
  });

  test("any values give messages or PROTOCOL_VIOLATION", () => {
    const value = fc.oneof(
      fc.integer({ min: -1, max: 20 }),
      fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true }),
    );
    fc.assert(
      fc.property(fc.array(value), (values) => {
        try {
          expect(Array.isArray(parse(values))).toBe(true);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(SealwireError);
          expect(thrown).toEqual(VIOLATION);
        }
      }),
    );
  });
});

describe("a compressed batch", () => {
  const unpack = () => [10, 11];

  test("is unpacked once, where both agreed", () => {
    const values = [KIND_PACKED, Uint8Array.of(1)];
    expect(parseBatch(values, unpack)).toEqual([{ kind: "ping" }, { kind: "pong" }]);
  });

  test("stands alone: neither beside others, nor after them, nor in another", () => {
    const packed = [KIND_PACKED, Uint8Array.of(1)];
    for (const values of [
      [...packed, 10],
      [10, ...packed],
      [...packed, ...packed],
      [15, "text"],
    ]) {
      expect(() => parseBatch(values, unpack)).toThrow(VIOLATION);
    }
    expect(() => parseBatch(packed, () => packed)).toThrow(VIOLATION);
    expect(() => parseBatch(packed, () => "no batch")).toThrow(VIOLATION);
  });

  test("of half a million messages does not fill the stack", () => {
    const values = new Array<number>(500_000).fill(10);
    expect(parseBatch([15, new Uint8Array(1)], () => values)).toHaveLength(500_000);
  });
});
