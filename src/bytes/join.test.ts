import { expect, test } from "vitest";
import { join } from "./join.ts";

test("puts chunks one after the other", () => {
  const chunks = [Uint8Array.of(1), new Uint8Array(0), Uint8Array.of(2, 3)];
  expect(join(chunks)).toEqual(Uint8Array.of(1, 2, 3));
  expect(join([])).toHaveLength(0);
});

test("copies a single chunk, so that the original may change", () => {
  const chunk = Uint8Array.of(1);
  const joined = join([chunk]);
  chunk[0] = 2;
  expect(joined).toEqual(Uint8Array.of(1));
});
