import { expect, test } from "vitest";
import { Writer } from "./writer.ts";

test("writes fields in network order", () => {
  const bytes = new Writer().uint8(1).uint16(2).uint32(3).uint64(4n).finish();
  expect(bytes).toEqual(Uint8Array.of(1, 0, 2, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 4));
});

test("refuses values that do not fit", () => {
  const unfit = expect.objectContaining({ code: "INVALID_ARGUMENT" });
  expect(() => new Writer().uint8(256)).toThrow(unfit);
  expect(() => new Writer().uint16(-1)).toThrow(unfit);
  expect(() => new Writer().uint32(1.5)).toThrow(unfit);
  expect(() => new Writer().uint64(2n ** 64n)).toThrow(unfit);
});

test("refuses to pass its limit", () => {
  const writer = new Writer({ maxBytes: 3 }).uint16(1);
  const tooLarge = expect.objectContaining({ code: "TOO_LARGE" });
  expect(() => writer.uint16(1)).toThrow(tooLarge);
  expect(writer.uint8(7).finish()).toEqual(Uint8Array.of(0, 1, 7));
});

test("does not change what was finished when more is written", () => {
  const writer = new Writer({ initialBytes: 1 }).uint8(1);
  const finished = writer.finish();
  writer.uint32(2);
  expect(finished).toEqual(Uint8Array.of(1));
  expect(writer.length).toBe(5);
});
