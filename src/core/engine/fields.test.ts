import { expect, test } from "vitest";
import { fieldsOf, isFields } from "./fields.ts";

test("an object has fields, a list and null have none", () => {
  expect([{}, { a: 1 }, new Date(0)].map(isFields)).toEqual([true, true, true]);
  expect([[], null, undefined, "text", 1].map(isFields)).toEqual([
    false,
    false,
    false,
    false,
    false,
  ]);
});

test("gives own fields alone, and none of what has none", () => {
  expect(fieldsOf({ a: 1 })).toEqual({ a: 1 });
  expect(fieldsOf(new Map([["size", 2]]))["size"]).toBeUndefined();
  expect([null, undefined, ["a"], 7].map(fieldsOf)).toEqual([{}, {}, {}, {}]);
});
