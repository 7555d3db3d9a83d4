import fc from "fast-check";
import { expect, it } from "vitest";
import { applyDelta, deltaBetween } from "./byte-delta.ts";

const code = (is: string) => expect.objectContaining({ code: is });

const MOST = 10_000_000;

/** Bytes of few different pieces, so that much of one lies in the other somewhere. */
const pieces = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 1, max: 90 })), {
    maxLength: 20,
  })
  .map((runs) => runs.flatMap(([kind, length]) => Array.from({ length }, (_, i) => kind * 50 + i)))
  .map((bytes) => Uint8Array.from(bytes));

it("makes of any bytes any others", () => {
  const any = fc.oneof(pieces, fc.uint8Array({ maxLength: 200 }));
  fc.assert(
    fc.property(any, any, (before, after) => {
      expect(applyDelta(before, deltaBetween(before, after), MOST)).toEqual(after);
    }),
    { numRuns: 500 },
  );
});

it("takes of large bytes what was inserted, removed, changed or moved, and little more", () => {
  const before = Uint8Array.from({ length: 100_000 }, (_, i) => Math.imul(i, i * 7 + 13) >>> 5);
  const [one, two, three] = [
    before.slice(0, 30_000),
    before.slice(30_000, 60_000),
    before.slice(60_100),
  ];
  const after = Uint8Array.from([1, 2, 3, ...one, ...three, 9, ...two]);
  const delta = deltaBetween(before, after);
  expect(delta.length).toBeLessThan(1_000);
  expect(applyDelta(before, delta, MOST)).toEqual(after);
});

it("refuses a delta that is for other bytes, makes too many, or is none", () => {
  const before = new Uint8Array(1_000).fill(1);
  const delta = deltaBetween(before, Uint8Array.from([...before, 2]));
  expect(() => applyDelta(before.slice(1), delta, MOST)).toThrow(code("PROTOCOL_VIOLATION"));
  expect(() => applyDelta(before, delta, 1_000)).toThrow(code("TOO_LARGE"));
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (noise) => {
      try {
        expect(applyDelta(before, noise, 5_000).length).toBeLessThanOrEqual(5_000);
      } catch (thrown) {
        expect(["PROTOCOL_VIOLATION", "TOO_LARGE"]).toContain(Object(thrown).code);
      }
    }),
  );
});
