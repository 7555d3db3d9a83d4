import { expect, test } from "vitest";
import { weightOf } from "./weight.ts";

test("bytes and texts weigh what they are", () => {
  expect(weightOf(new Uint8Array(1_000_000))).toBe(1_000_000);
  expect(weightOf("x".repeat(1_000))).toBeGreaterThanOrEqual(1_000);
});

test.each([
  ["a list", Array.from({ length: 1_000 }, () => new Uint8Array(1_000))],
  ["a set", new Set(Array.from({ length: 1_000 }, () => new Uint8Array(1_000)))],
  ["a map", new Map(Array.from({ length: 1_000 }, (_, i) => [i, new Uint8Array(1_000)]))],
  [
    "a record",
    Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`k${i}`, "x".repeat(1_000)])),
  ],
  ["a list of lists", Array.from({ length: 10 }, () => Array(100).fill("x".repeat(1_000)))],
])("%s of a million bytes weighs about as much", (_what, value) => {
  expect(weightOf(value)).toBeGreaterThan(500_000);
  expect(weightOf(value)).toBeLessThan(2_000_000);
});

test("what is empty or plain weighs little, and what holds itself has an end", () => {
  const circle: unknown[] = [];
  circle.push(circle, circle);
  expect([weightOf(5), weightOf(undefined), weightOf([]), weightOf({})]).toEqual([8, 8, 8, 8]);
  expect(weightOf(circle)).toBeLessThan(10_000);
});

test("a list in which only the last value is large does not cost more to weigh", () => {
  const list = Array.from({ length: 100_000 }, () => ({ a: [1, 2, { b: "text" }] }));
  expect(weightOf(list)).toBeGreaterThan(1_000_000);
});
