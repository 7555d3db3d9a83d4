import fc from "fast-check";
import { expect, it } from "vitest";
import { Histogram } from "./histogram.ts";

it("counts what took no longer than each bound", () => {
  const histogram = new Histogram([0.1, 1]);
  for (const seconds of [0.05, 0.1, 0.5, 7]) histogram.add(seconds);

  expect(histogram.cumulative()).toEqual([
    [0.1, 2],
    [1, 3],
  ]);
  expect(histogram.count).toBe(4);
  expect(histogram.sum).toBeCloseTo(7.65);
});

it("never counts more below a bound than below the next, and never more than there are", () => {
  const seconds = fc.array(fc.double({ min: 0, max: 20, noNaN: true }));
  fc.assert(
    fc.property(seconds, (all) => {
      const histogram = new Histogram([0.01, 0.1, 1, 10]);
      for (const each of all) histogram.add(each);
      const counts = [...histogram.cumulative().map(([, count]) => count), histogram.count];

      expect(counts).toEqual([...counts].sort((a, b) => a - b));
      expect(histogram.count).toBe(all.length);
    }),
  );
});
