import fc from "fast-check";
import { expect, test } from "vitest";
import { ReceiveWindow } from "./receive-window.ts";

const [LOW, HIGH, RTT_MS] = [1_000, 4_000, 50];

function made() {
  return new ReceiveWindow({ firstBytes: 100, lowBytes: LOW, highBytes: HIGH });
}

/** A round trip in which so much comes and is taken at once. */
function round(window: ReceiveWindow, bytes: number, nowMs: number) {
  window.received(bytes);
  window.taken(bytes, nowMs, RTT_MS);
  window.toGrant();
}

test("a reader who takes nothing is sent the low window and no more", () => {
  const window = made();
  expect(window.toGrant()).toBe(LOW - 100);
  expect(window.received(LOW)).toBe(true);
  expect(window.toGrant()).toBe(0);
  expect(window.received(1)).toBe(false);
});

test("grants in quarters of the window, not for each chunk", () => {
  const window = made();
  window.toGrant();
  window.received(LOW / 4);
  window.taken(LOW / 4 - 1, 1, undefined);
  expect(window.toGrant()).toBe(0);
  window.taken(1, 1, undefined);
  expect(window.toGrant()).toBe(LOW / 4);
});

test("doubles for who takes more than half of it in each round trip, up to its limit", () => {
  const window = made();
  window.toGrant();
  const sizes: number[] = [];
  for (let at = 1; at <= 6; at++) {
    round(window, Math.min(window.windowBytes, LOW + 600 * at), at * RTT_MS);
    sizes.push(window.windowBytes);
  }
  expect(sizes).toEqual([2_000, 4_000, 4_000, 4_000, 4_000, 4_000]);
});

test("stays low where the path is short, or idle between", () => {
  const window = made();
  window.toGrant();
  for (let at = 1; at <= 20; at++) round(window, LOW / 2, at * RTT_MS);
  for (let at = 1; at <= 20; at++) round(window, LOW, 2_000 + at * 10 * RTT_MS);
  expect(window.windowBytes).toBe(LOW);
});

test("is low again for a reader for whom something always waits", () => {
  const window = made();
  window.toGrant();
  round(window, LOW, RTT_MS);
  round(window, 2 * LOW, 2 * RTT_MS);
  expect(window.windowBytes).toBe(HIGH);
  window.received(HIGH);
  window.taken(1_000, 3 * RTT_MS, RTT_MS);
  window.taken(1_000, 4 * RTT_MS, RTT_MS);
  window.taken(500, 5 * RTT_MS, RTT_MS);
  expect(window.windowBytes).toBe(LOW);
  expect(window.toGrant()).toBe(0);
  window.taken(1_000, 6 * RTT_MS, RTT_MS);
  expect(window.toGrant()).toBe(LOW - 500);
});

test("what may come and what waits are never more than the high window", () => {
  const step = fc.record({ come: fc.nat(3_000), taken: fc.nat(3_000), afterMs: fc.nat(120) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const window = made();
      let [allowed, waiting, nowMs] = [100 + window.toGrant(), 0, 0];
      for (const { come, taken, afterMs } of steps) {
        const bytes = Math.min(come, allowed);
        expect(window.received(bytes)).toBe(true);
        const took = Math.min(taken, waiting + bytes);
        nowMs += afterMs;
        window.taken(took, nowMs, RTT_MS);
        waiting += bytes - took;
        allowed += window.toGrant() - bytes;
        expect(allowed + waiting).toBeLessThanOrEqual(HIGH);
      }
    }),
  );
});
