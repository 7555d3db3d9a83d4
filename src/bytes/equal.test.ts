import fc from "fast-check";
import { expect, test } from "vitest";
import { equalBytes } from "./equal.ts";

test("bytes are equal to their copy", () => {
  fc.assert(fc.property(fc.uint8Array(), (bytes) => equalBytes(bytes, Uint8Array.from(bytes))));
});

test("one changed bit anywhere makes bytes unequal", () => {
  const changed = fc
    .uint8Array({ minLength: 1 })
    .chain((bytes) => fc.tuple(fc.constant(bytes), fc.nat(bytes.length * 8 - 1)));
  fc.assert(
    fc.property(changed, ([bytes, bit]) => {
      const other = Uint8Array.from(bytes);
      other[bit >> 3] = (other[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      return !equalBytes(bytes, other);
    }),
  );
});

test("a beginning is not equal to the whole", () => {
  expect(equalBytes(new Uint8Array([1, 2]), new Uint8Array([1, 2, 0]))).toBe(false);
  expect(equalBytes(new Uint8Array(), new Uint8Array())).toBe(true);
});
