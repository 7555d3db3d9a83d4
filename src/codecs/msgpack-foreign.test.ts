import { decode, Encoder } from "@msgpack/msgpack";
import fc from "fast-check";
import { expect, it } from "vitest";
import { encodeHex } from "../bytes/text.ts";
import { msgpackCodec } from "./msgpack.ts";

// What another implementation writes and reads. It is used by these tests alone.
const codec = msgpackCodec();
const foreign = new Encoder({ ignoreUndefined: true });

const integers = fc.oneof(
  fc.maxSafeInteger(),
  fc.integer({ min: -70_000, max: 70_000 }),
  fc.constantFrom(
    ...[0x7f, 0x80, 0xff, 0x100, 0xffff, 0x10000, 0xffffffff, 0x100000000],
    ...[-0x20, -0x21, -0x80, -0x81, -0x8000, -0x8001, -0x80000000, -0x80000001],
    ...[Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER],
  ),
);

const texts = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 80 }),
  fc.string({ unit: "binary", maxLength: 80 }),
  fc.constantFrom(0, 15, 16, 127, 128, 32_767, 32_768).map((length) => "ü".repeat(length)),
);

const plain = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small", maxDepth: 4 },
    fc.constantFrom(null, true, false),
    integers,
    fc.double(),
    texts,
    fc.uint8Array({ maxLength: 300 }),
    fc.date({ noInvalidDate: true }),
    fc.array(tie("value"), { maxLength: 40 }),
    fc.dictionary(
      fc.string({ unit: "grapheme", maxLength: 40 }).filter((key) => key !== "__proto__"),
      fc.option(tie("value"), { nil: undefined }),
      { maxKeys: 40 },
    ),
  ),
})).value;

it("writes the very bytes that another implementation writes", () => {
  fc.assert(
    fc.property(plain, (value) => {
      expect(encodeHex(codec.encode(value))).toBe(encodeHex(foreign.encode(value)));
    }),
    { numRuns: 500 },
  );
});

it("reads what another implementation writes, as that one reads it", () => {
  fc.assert(
    fc.property(plain, (value) => {
      const bytes = foreign.encode(value);
      expect(codec.decode(bytes)).toEqual(decode(bytes));
    }),
    { numRuns: 300 },
  );
});

it("reads numbers that were not written in their shortest form", () => {
  const forms = [
    [0xcc, 5],
    [0xcd, 0, 5],
    [0xce, 0, 0, 0, 5],
    [0xcf, 0, 0, 0, 0, 0, 0, 0, 5],
    [0xd0, 5],
    [0xd1, 0, 5],
    [0xd2, 0, 0, 0, 5],
    [0xd3, 0, 0, 0, 0, 0, 0, 0, 5],
    [0xca, 0x40, 0xa0, 0, 0],
  ];
  expect(forms.map((bytes) => codec.decode(Uint8Array.from(bytes)))).toEqual(forms.map(() => 5));
});

it("writes each container with the length that fits", () => {
  for (const length of [0, 15, 16, 255, 256, 65_535, 65_536]) {
    const array = Array.from({ length }, () => 1);
    expect(encodeHex(codec.encode(array))).toBe(encodeHex(foreign.encode(array)));
    const object = Object.fromEntries(array.map((value, at) => [`k${at}`, value]));
    expect(encodeHex(codec.encode(object))).toBe(encodeHex(foreign.encode(object)));
    const bytes = new Uint8Array(length).fill(3);
    expect(encodeHex(codec.encode(bytes))).toBe(encodeHex(foreign.encode(bytes)));
  }
});

it("keeps keys apart that lie at the same place of its memory", () => {
  const keys = ["ab", "ba", "Ab", "a", "äb", "abcdefghijklmnop", "abcdefghijklmnopq", ""];
  const mixed = Array.from({ length: 3_000 }, (_, at) => `${keys[at % keys.length]}${at % 700}`);
  for (const key of mixed) expect(codec.decode(codec.encode({ [key]: 1 }))).toEqual({ [key]: 1 });
});

it("writes within a value for somebody else, without touching what it has written", () => {
  const inner: Uint8Array[] = [];
  const value = {
    before: "before",
    get asks() {
      inner.push(codec.encodeShared(["inner", 1]));
      return "asked";
    },
    after: "after",
  };
  expect(codec.decode(codec.encode([value]))).toEqual([
    { before: "before", asks: "asked", after: "after" },
  ]);
  expect(inner.map((bytes) => codec.decode(bytes))).toEqual([["inner", 1]]);
});
