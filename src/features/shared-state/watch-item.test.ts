import fc from "fast-check";
import { expect, it } from "vitest";
import { sameValue } from "./same-value.ts";
import { readChange } from "./state-event.ts";
import { readItem, type WatchedVariable } from "./watch-item.ts";
import { WatchProgress } from "./watch-progress.ts";

/** What a progress tells of items as they come from the wire. */
function told(items: readonly unknown[], progress = new WatchProgress(undefined)) {
  const seen: WatchedVariable[] = [];
  for (const item of items) {
    const read = readItem(item);
    if (read) seen.push(...progress.take(read));
  }
  return seen.map(({ name, value, version }) => [name, value, version]);
}

it("reads anything that a server may say, and makes nothing of what it cannot understand", () => {
  fc.assert(
    fc.property(fc.anything(), (item) => {
      expect(() => told([item])).not.toThrow();
      expect(() => readChange(item)).not.toThrow();
    }),
  );
});

it("repeats nothing that a server tells again, and tells what is gone", () => {
  const progress = new WatchProgress(undefined);
  const first = [
    { begin: "life", recovered: false },
    { name: "a", value: 1, version: 1 },
    { name: "b", value: 1, version: 5 },
    { ready: true, cursor: "life:1" },
  ];
  const again = [{ begin: "life", recovered: false }, first[1], { ready: true, cursor: "life:9" }];
  expect(told(first, progress)).toHaveLength(2);
  expect(told(again, progress)).toEqual([["b", undefined, 6]]);
  expect(progress.cursor).toBe("life:9");
});

it("takes the same version for another value when the server has begun a new life", () => {
  const progress = new WatchProgress(undefined);
  const life = (name: string, value: unknown) => [
    { begin: name, recovered: false },
    { name: "a", value, version: 1 },
    { name: "same", value: { deep: [1] }, version: 1 },
    { ready: true, cursor: `${name}:0` },
  ];
  told(life("one", "old"), progress);
  expect(told(life("two", "new"), progress)).toEqual([["a", "new", 1]]);
});

it("compares values as deep as they go", () => {
  const value = {
    list: [1, new Date(5), Uint8Array.of(1, 2)],
    map: new Map([["k", new Set([1])]]),
  };
  expect(sameValue(value, structuredClone(value))).toBe(true);
  expect(sameValue(value, { ...value, list: [1, new Date(6), Uint8Array.of(1, 2)] })).toBe(false);
  expect(sameValue([1], { 0: 1 })).toBe(false);
  expect(sameValue({ a: undefined }, { b: undefined })).toBe(false);
  expect(sameValue(Number.NaN, Number.NaN)).toBe(true);
});
