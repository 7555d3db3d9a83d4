import fc from "fast-check";
import { expect, it } from "vitest";
import { tokenBucket } from "./token-bucket.ts";

it("gives a burst at once and then what flows", () => {
  let now = 0;
  const bucket = tokenBucket({ perSecond: 10, burst: 3 }, () => now);
  bucket.take(3);

  expect(bucket.waitMs(1)).toBe(100);
  now = 100;
  expect(bucket.waitMs(1)).toBe(0);
});

it("holds no more than a burst, however long it rests", () => {
  let now = 0;
  const bucket = tokenBucket({ perSecond: 10, burst: 3 }, () => now);
  now = 1_000_000;
  bucket.take(3);

  expect(bucket.waitMs(1)).toBe(100);
});

it("lets pass what is larger than itself when it is full, and makes it be paid back", () => {
  const bucket = tokenBucket({ perSecond: 10, burst: 3 }, () => 0);

  expect(bucket.waitMs(100)).toBe(0);
  bucket.take(100);
  expect(bucket.waitMs(1)).toBe(400);
});

it("is not confused by a clock that is set back", () => {
  let now = 1_000;
  const bucket = tokenBucket({ perSecond: 10, burst: 1 }, () => now);
  bucket.take(1);
  now = 0;

  expect(bucket.waitMs(1)).toBe(100);
  now = 100;
  expect(bucket.waitMs(1)).toBe(0);
});

it("never lets more pass than the burst and what flowed in the time", () => {
  const steps = fc.array(
    fc.record({ restMs: fc.nat(500), amount: fc.integer({ min: 1, max: 5 }) }),
  );
  fc.assert(
    fc.property(steps, (all) => {
      let now = 0;
      let passed = 0;
      const bucket = tokenBucket({ perSecond: 20, burst: 5 }, () => now);
      for (const { restMs, amount } of all) {
        now += restMs;
        if (bucket.waitMs(amount) > 0) continue;
        bucket.take(amount);
        passed += amount;
      }

      expect(passed).toBeLessThanOrEqual(5 + (now * 20) / 1000 + 1e-6);
    }),
  );
});
