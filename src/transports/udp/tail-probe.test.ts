import { expect, test } from "vitest";
import { manualClock } from "../../testing/manual-clock.ts";
import { TailProbe } from "./tail-probe.ts";

/** A probe whose surroundings a test sets. */
function made(roundTripMs = 50) {
  const clock = manualClock(1_000);
  const seen = { packets: 0, waiting: true, probes: 0 };
  const tail = new TailProbe({
    clock,
    packets: () => seen.packets,
    waiting: () => seen.waiting,
    roundTripMs: () => roundTripMs,
    probe: () => {
      seen.probes += 1;
    },
  });
  return { clock, seen, tail };
}

test("sends something behind what is not answered, some times and no more", () => {
  const { clock, seen, tail } = made();
  tail.active();
  clock.advance(89);
  expect(seen.probes).toBe(0);
  clock.advance(1);
  expect(seen.probes).toBe(1);
  clock.advance(10_000);
  expect(seen.probes).toBe(4);
});

test("does not give up before an answer could come where nobody knows how long that takes", () => {
  const { clock, seen, tail } = made(0);
  tail.active();
  const probes = [30, 90, 210, 450].map((atMs) => {
    clock.advance(1_000 + atMs - clock.now());
    return seen.probes;
  });
  clock.advance(10_000);
  expect([probes, seen.probes]).toEqual([[1, 2, 3, 4], 4]);
});

test("sends nothing while answers come, nor when all are there", () => {
  const { clock, seen, tail } = made();
  tail.active();
  for (let times = 0; times < 10; times++) {
    seen.packets += 1;
    clock.advance(90);
  }
  seen.waiting = false;
  clock.advance(1_000);
  expect(seen.probes).toBe(0);
});

test("watches anew after everything has arrived, and not after it was stopped", () => {
  const { clock, seen, tail } = made();
  seen.waiting = false;
  tail.active();
  clock.advance(100);
  seen.waiting = true;
  tail.active();
  clock.advance(90);
  expect(seen.probes).toBe(1);
  tail.stop();
  clock.advance(1_000);
  expect(seen.probes).toBe(1);
});
