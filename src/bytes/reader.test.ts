import fc from "fast-check";
import { expect, test } from "vitest";
import { Reader } from "./reader.ts";
import { Writer } from "./writer.ts";

const VIOLATION = expect.objectContaining({ code: "PROTOCOL_VIOLATION" });

test("reads fields in network order", () => {
  const fields = new Reader(Uint8Array.of(1, 0, 2, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 4, 5, 6));
  expect([fields.uint8(), fields.uint16(), fields.uint32(), fields.uint64()]).toEqual([
    1,
    2,
    3,
    4n,
  ]);
  expect(fields.rest()).toEqual(Uint8Array.of(5, 6));
});

test("reads the given part of a larger buffer only", () => {
  const fields = new Reader(Uint8Array.of(9, 9, 7, 9).subarray(2, 3));
  expect(fields.uint8()).toBe(7);
  expect(() => fields.uint8()).toThrow(VIOLATION);
});

test.each(["uint8", "uint16", "uint32", "uint64"] as const)(
  "%s refuses to pass the end",
  (field) => {
    expect(() => new Reader(new Uint8Array(0))[field]()).toThrow(VIOLATION);
  },
);

test("refuses a piece longer than what is left, or of a negative length", () => {
  expect(() => new Reader(new Uint8Array(4)).bytes(5)).toThrow(VIOLATION);
  expect(() => new Reader(new Uint8Array(4)).bytes(-1)).toThrow(VIOLATION);
});

test("refuses bytes after the end", () => {
  expect(() => new Reader(new Uint8Array(1)).end()).toThrow(VIOLATION);
  expect(() => new Reader(new Uint8Array(0)).end()).not.toThrow();
});

test("reads what the writer wrote", () => {
  const any = fc.record({
    a: fc.nat(0xff),
    b: fc.nat(0xffff),
    c: fc.nat(0xffff_ffff),
    d: fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn }),
    e: fc.uint8Array({ maxLength: 300 }),
  });
  fc.assert(
    fc.property(any, ({ a, b, c, d, e }) => {
      const bytes = new Writer().uint8(a).uint16(b).uint32(c).uint64(d).bytes(e).finish();
      const fields = new Reader(bytes);
      const read = [fields.uint8(), fields.uint16(), fields.uint32(), fields.uint64()];
      expect(read).toEqual([a, b, c, d]);
      expect(fields.rest()).toEqual(e);
    }),
  );
});
