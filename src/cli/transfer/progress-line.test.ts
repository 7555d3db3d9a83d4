import { expect, test } from "vitest";
import { progressText, sizeText } from "./progress-line.ts";

test("shows name, share, sizes, speed and the time that is left", () => {
  const shown = { name: "a.zip", totalBytes: 50_000_000, fromBytes: 0 };
  expect(progressText(shown, 10_000_000, 2_000)).toBe(
    "a.zip █████░░░░░░░░░░░░░░░░░░░  20% 10 MB of 50 MB 5.0 MB/s 8 s left",
  );
  expect(progressText(shown, 50_000_000, 10_000)).toContain("100% 50 MB of 50 MB 5.0 MB/s");
});

test("does not count what was there before as speed", () => {
  const shown = { name: "a", totalBytes: 2_000_000, fromBytes: 1_000_000 };
  expect(progressText(shown, 1_500_000, 1_000)).toContain("75% 1.5 MB of 2.0 MB 500 kB/s 1 s left");
});

test("has something to say of empty files and of the first moment", () => {
  const empty = { name: "e", totalBytes: 0, fromBytes: 0 };
  expect(progressText(empty, 0, 0)).toContain("100% 0 B of 0 B");
});

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1_000, "1.0 kB"],
  [131_072, "131 kB"],
  [999_600, "1.0 MB"],
  [5e12, "5.0 TB"],
])("writes %d bytes as %s", (bytes, text) => {
  expect(sizeText(bytes)).toBe(text);
});
