import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { refusal } from "../../test/codecs/values.ts";
import { jsonCodec } from "./json.ts";

const codec = jsonCodec();
const utf8 = new TextEncoder();

function nested(depth: number): unknown {
  let value: unknown = [];
  for (let i = 1; i < depth; i++) value = [value];
  return value;
}

it("gives back every JSON value", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      fc.pre(!JSON.stringify(value).includes("__proto__"));
      expect(codec.decode(codec.encode(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

it("writes dates as ISO text and leaves undefined out", () => {
  const bytes = codec.encode({ at: new Date(0), none: undefined, list: [undefined] });
  expect(codec.decode(bytes)).toEqual({ at: "1970-01-01T00:00:00.000Z", list: [null] });
  expect(codec.decode(codec.encode(undefined))).toBeNull();
});

describe("what JSON cannot carry is refused", () => {
  const cycle: unknown[] = [];
  cycle.push({ cycle });
  it.each([
    ["NaN", Number.NaN],
    ["infinity", [Number.NEGATIVE_INFINITY]],
    ["a bigint", 1n],
    ["a function", { f() {} }],
    ["toJSON", { toJSON: () => 1 }],
    ["a symbol", Symbol("s")],
    ["bytes", new Uint8Array(1)],
    ["a map", new Map()],
    ["an invalid date", new Date(Number.NaN)],
    ["an own key __proto__", JSON.parse('{"__proto__":{"admin":true}}')],
    ["a value that contains itself", cycle],
    ["65 levels", nested(65)],
  ])("%s", (_, value) => {
    expect(refusal(() => codec.encode(value))).toBe("INVALID_ARGUMENT");
  });

  it("a small value that is endless once written out", () => {
    let value: unknown = [1];
    for (let i = 0; i < 50; i++) value = [value, value];
    expect(refusal(() => codec.encode(value))).toBe("TOO_LARGE");
  });
});

describe("bad text", () => {
  it.each([
    ["nothing", ""],
    ["half a text", '{"a":'],
    ["two texts", "1 2"],
    ["a byte order mark", "\ufeff1"],
    ["the key __proto__", '{"a":[{"__proto__":{"admin":true}}]}'],
    ["the key __proto__ with blanks", '{"__proto__" \n : 1}'],
    ["the key __proto__ in disguise", '{"\\u005f_pro\\u0074o__":{"admin":true}}'],
    ["65 levels", JSON.stringify(nested(65))],
    ["a bomb of levels", "[".repeat(1_000_000)],
  ])("%s is a violation of the protocol", (_, text) => {
    expect(refusal(() => codec.decode(utf8.encode(text)))).toBe("PROTOCOL_VIOLATION");
  });

  it("that is not UTF-8 is a violation of the protocol", () => {
    expect(refusal(() => codec.decode(Uint8Array.of(0x22, 0xff, 0x22)))).toBe("PROTOCOL_VIOLATION");
  });

  it("never shows in the error", () => {
    expect(() => codec.decode(utf8.encode('{"key": hunter2'))).not.toThrow(/hunter2/);
  });

  it("may hold __proto__ as a value, brackets in strings and escaped quotes", () => {
    const value = { a: "__proto__", b: "[[[{{{", c: '\\"[' };
    expect(codec.decode(utf8.encode(JSON.stringify(value)))).toEqual(value);
  });

  it("beyond a limit is too large", () => {
    expect(refusal(() => jsonCodec({ maxBytes: 3 }).decode(utf8.encode("1234")))).toBe("TOO_LARGE");
    expect(refusal(() => jsonCodec({ maxItems: 3 }).decode(utf8.encode("[1,2,3,4]")))).toBe(
      "TOO_LARGE",
    );
    expect(refusal(() => jsonCodec({ maxDepth: 0 }))).toBe("INVALID_ARGUMENT");
  });

  it("of any kind gives a value or a coded error", () => {
    const pieces = fc.constantFrom(
      "{",
      "}",
      "[",
      "]",
      '"',
      "\\",
      ":",
      ",",
      "1",
      "a",
      "\\u005f",
      " ",
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
        const outcome = refusal(() => codec.decode(utf8.encode(parts.join(""))));
        expect(outcome).toMatch(/^(accepted|PROTOCOL_VIOLATION)$/);
      }),
      { numRuns: 1000 },
    );
  });
});
