import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nested, refusal } from "../../test/codecs/values.ts";
import { decodeHex, encodeHex, encodeUtf8 } from "../bytes/text.ts";
import { SealwireError } from "../core/model/errors.ts";
import { pythonJson } from "./python-json.ts";

const json = pythonJson();

interface Reading {
  readonly hex: string;
  readonly value?: unknown;
  readonly error?: string;
  readonly type?: string;
}

interface Vectors {
  readonly reads: readonly Reading[];
  readonly writes: readonly { readonly text: string }[];
}

const path = new URL("../../test/vectors/python-json/vectors.json", import.meta.url);
const vectors: Vectors = JSON.parse(readFileSync(path, "utf8"));

function parse(text: string): unknown {
  return json.parse(encodeUtf8(text));
}

/** A value by kind, as the recording has it. */
function byKind(value: unknown): unknown {
  if (typeof value === "string") return { text: utf16(value) };
  if (typeof value === "bigint") return { int: String(value) };
  if (typeof value === "number") return { number: value };
  if (value === null || typeof value !== "object") return { is: value };
  if (Array.isArray(value)) return { list: value.map(byKind) };
  return { dict: Object.entries(value).map(([key, item]) => [utf16(key), byKind(item)]) };
}

function utf16(text: string): string {
  const bytes = new Uint8Array(text.length * 2);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < text.length; i++) view.setUint16(i * 2, text.charCodeAt(i), true);
  return encodeHex(bytes);
}

const FLOATS: Readonly<Record<string, number>> = { nan: Number.NaN, inf: Infinity };

/** The recorded value, with Python's numbers as JavaScript's: only what is too long is a bigint. */
function expected(recorded: unknown): unknown {
  if (Array.isArray(recorded)) return recorded.map(expected);
  if (typeof recorded !== "object" || recorded === null) return recorded;
  if ("int" in recorded) {
    const digits = String(recorded.int);
    // JSON.parse gives -0 for the integer that Python calls 0; they are equal here.
    return Number.isSafeInteger(Number(digits)) ? { number: Number(digits) } : { int: digits };
  }
  if ("float" in recorded) {
    const repr = String(recorded.float);
    const magnitude = FLOATS[repr.replace("-", "")];
    if (magnitude === undefined) return { number: Number(repr) };
    return { number: repr.startsWith("-") ? -magnitude : magnitude };
  }
  if ("list" in recorded) return { list: expected(recorded.list) };
  if ("dict" in recorded) return { dict: expected(recorded.dict) };
  return recorded;
}

function outcome(bytes: Uint8Array): unknown {
  try {
    return { value: withoutNegativeZero(byKind(json.parse(bytes))) };
  } catch (thrown) {
    if (!(thrown instanceof SealwireError)) throw thrown;
    return { code: thrown.code, error: thrown.message, details: thrown.details };
  }
}

function withoutNegativeZero(value: unknown): unknown {
  if (Object.is(value, -0)) return 0;
  if (Array.isArray(value)) return value.map(withoutNegativeZero);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, withoutNegativeZero(item)]),
  );
}

describe("reading", () => {
  it("gives the values and the errors that Python gives, word for word", () => {
    expect(vectors.reads.length).toBeGreaterThan(500);
    for (const { hex, value, error, type } of vectors.reads) {
      const wanted =
        error === undefined
          ? { value: withoutNegativeZero(expected(value)) }
          : { code: "PROTOCOL_VIOLATION", error, details: { python: type } };
      expect(outcome(decodeHex(hex) ?? new Uint8Array(0)), hex).toEqual(wanted);
    }
  });

  it("keeps integers beyond 2^53 exact and fractions as numbers", () => {
    expect(parse("[9007199254740993, -9007199254740993]")).toEqual([
      9007199254740993n,
      -9007199254740993n,
    ]);
    expect(parse("[9007199254740991, 0.30000000000000004, 1e20]")).toEqual([
      9007199254740991, 0.30000000000000004, 1e20,
    ]);
  });

  it("lets the last of equal keys count, also beside a NaN", () => {
    expect(parse('{"a": 1, "a": 2}')).toEqual({ a: 2 });
    expect(parse('{"a": NaN, "a": 2}')).toEqual({ a: 2 });
  });

  it("refuses an integer of more than 4300 digits as Python does, before it costs time", () => {
    expect(() => parse("9".repeat(4_301))).toThrow(/Exceeds the limit \(4300 digits\).*has 4301/);
    expect(parse("9".repeat(4_300))).toBe(BigInt("9".repeat(4_300)));
  });

  it.each([
    ["a key __proto__", '{"__proto__": {"admin": true}}', "PROTOCOL_VIOLATION"],
    ["a key __proto__ in disguise", '{"\\u005f_proto__": NaN}', "PROTOCOL_VIOLATION"],
    ["65 levels", "[".repeat(65) + "]".repeat(65), "PROTOCOL_VIOLATION"],
    ["a million open brackets", "[".repeat(1_000_000), "PROTOCOL_VIOLATION"],
  ])("refuses %s", (_, text, code) => {
    expect(refusal(() => parse(text))).toBe(code);
  });

  it("refuses more bytes or values than allowed", () => {
    const narrow = pythonJson({ maxBytes: 10, maxItems: 3 });
    expect(refusal(() => narrow.parse(encodeUtf8("           1")))).toBe("TOO_LARGE");
    expect(refusal(() => narrow.parse(encodeUtf8("[1,2,3]")))).toBe("TOO_LARGE");
  });

  it("answers garbage with a code", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        expect(["accepted", "PROTOCOL_VIOLATION"]).toContain(refusal(() => json.parse(bytes)));
      }),
    );
  });
});

describe("writing", () => {
  it("gives the very text of json.dumps", () => {
    for (const { text } of vectors.writes) expect(json.format(parse(text))).toBe(text);
  });

  it("writes any JSON value as ASCII that reads back the same", () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: "binary" }), (value) => {
        fc.pre(!JSON.stringify(value).includes("__proto__"));
        const text = json.format(value);
        expect(text).toMatch(/^[ -~]*$/);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(parse(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it("writes whole numbers beyond 2^53 as the floats they are", () => {
    expect(json.format([2 ** 53, -(10 ** 20), 1e21])).toBe(
      "[9007199254740992.0, -100000000000000000000.0, 1e+21]",
    );
    expect(parse("9007199254740992.0")).toBe(2 ** 53);
  });

  it("writes bigints as digits, dates as text, and leaves undefined out", () => {
    const text = json.format({
      big: 2n ** 64n,
      at: new Date(0),
      none: undefined,
      list: [undefined],
    });
    expect(text).toBe(
      '{"big": 18446744073709551616, "at": "1970-01-01T00:00:00.000Z", "list": [null]}',
    );
    expect(json.format(undefined)).toBe("null");
  });

  class Point {}
  const cycle: unknown[] = [];
  cycle.push(cycle);
  const throwing = {
    get value(): unknown {
      throw new TypeError("not today");
    },
  };
  it.each([
    ["NaN", Number.NaN, "Out of range float values are not JSON compliant"],
    ["an infinity", [Infinity], "Out of range float values are not JSON compliant"],
    ["bytes", new Uint8Array(1), "Object of type Uint8Array is not JSON serializable"],
    ["a map", new Map(), "Object of type Map is not JSON serializable"],
    ["a set", { a: new Set() }, "Object of type Set is not JSON serializable"],
    ["a class", new Point(), "Object of type Point is not JSON serializable"],
    ["a function", { toJSON: () => 1 }, "Object of type function is not JSON serializable"],
    ["a symbol", Symbol("s"), "Object of type symbol is not JSON serializable"],
    ["an invalid date", new Date(Number.NaN), "Object of type Date without a time is not"],
    ["what throws when looked at", throwing, "not today"],
    ["a cycle", cycle, "nested deeper than 64 levels or contains itself"],
    ["65 levels", nested(65), "nested deeper than 64 levels"],
    ["__proto__", JSON.parse('{"__proto__": 1}'), "JSON with the key __proto__"],
  ])("refuses %s", (_, value, words) => {
    expect(() => json.format(value)).toThrow(words);
    expect(refusal(() => json.format(value))).toBe("INVALID_ARGUMENT");
  });

  it("refuses more than its limits allow", () => {
    const narrow = pythonJson({ maxBytes: 10, maxItems: 3 });
    expect(refusal(() => narrow.format("1234567890"))).toBe("TOO_LARGE");
    expect(refusal(() => narrow.format([1, 2, 3]))).toBe("TOO_LARGE");
    let endless: unknown = [1];
    for (let i = 0; i < 50; i++) endless = [endless, endless];
    expect(refusal(() => json.format(endless))).toBe("TOO_LARGE");
  });
});
