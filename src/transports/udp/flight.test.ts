import { expect, test } from "vitest";
import { manualClock } from "../../testing/manual-clock.ts";
import { Flight } from "./flight.ts";

const [BASE_MS, BYTES_EACH_MS] = [50, 2_500];
/** What the path holds. */
const HELD = BASE_MS * BYTES_EACH_MS;

/** A sender with twice of what the path holds under way, as udx would, in front of a narrow link. */
function narrowLink() {
  const clock = manualClock(1_000);
  const path = { roundTripMs: BASE_MS, inFlightBytes: 0, bandwidth: BYTES_EACH_MS * 1_000 };
  const flight = new Flight({ clock, path, onRoom: () => {} });
  let [queue, foreign, sent] = [0, 0, 0];
  const onTheWay: number[] = [];
  /** One millisecond: what may leave does, what the link takes arrives half a round trip on. */
  const step = () => {
    const cwnd = 2 * HELD - path.inFlightBytes;
    const leaving = Math.max(0, Math.min(flight.allowance(), cwnd));
    flight.sent(leaving);
    path.inFlightBytes += leaving;
    sent += leaving;
    queue += leaving;
    const through = Math.min(queue, BYTES_EACH_MS);
    queue -= through;
    onTheWay.push(through);
    if (onTheWay.length >= BASE_MS) path.inFlightBytes -= onTheWay.shift() ?? 0;
    const nowMs = BASE_MS + (queue + foreign) / BYTES_EACH_MS;
    path.roundTripMs += (nowMs - path.roundTripMs) / 20;
    clock.advance(1);
  };
  const run = (ms: number) => {
    sent = 0;
    for (let at = 0; at < ms; at++) step();
    return sent / (ms * BYTES_EACH_MS);
  };
  const others = (bytes: number) => {
    foreign = bytes;
  };
  return { flight, run, others, queue: () => queue };
}

test("keeps a narrow link busy with a queue of half of what the path holds", () => {
  const { run, queue } = narrowLink();
  run(2_000);
  for (let second = 0; second < 10; second++) {
    expect(run(1_000)).toBeGreaterThan(0.95);
    expect(queue()).toBeLessThan(0.55 * HELD);
  }
});

test("is left to udx where others keep the queue full, and is tried again", () => {
  const { flight, run, others } = narrowLink();
  run(2_000);
  expect(flight.allowance()).toBeLessThan(HELD);
  others(HELD);
  run(4_000);
  expect(flight.allowance()).toBe(Infinity);
  others(0);
  run(12_000);
  expect(flight.allowance()).toBeLessThan(HELD);
});

test("limits nothing without a queue, however long the path, nor before anything is known", () => {
  const clock = manualClock(1_000);
  const path = { roundTripMs: 0, inFlightBytes: 10_000_000, bandwidth: 0 };
  const flight = new Flight({ clock, path, onRoom: () => {} });
  expect(flight.allowance()).toBe(Infinity);
  path.roundTripMs = 300;
  expect(flight.allowance()).toBe(Infinity);
  path.roundTripMs = 380;
  expect(flight.allowance()).toBe(Infinity);
});

test("tells once when to ask again, and of a new path knows nothing", () => {
  const clock = manualClock(1_000);
  const path = { roundTripMs: 50, inFlightBytes: 1_000_000, bandwidth: 1_000_000 };
  let told = 0;
  const flight = new Flight({ clock, path, onRoom: () => told++ });
  expect(flight.allowance()).toBe(Infinity);
  path.roundTripMs = 100;
  expect([flight.allowance(), flight.allowance()]).toEqual([0, 0]);
  clock.advance(100);
  expect(told).toBe(1);
  flight.forget();
  expect(flight.allowance()).toBe(Infinity);
});

test("lets a slow link have a packet now and then", () => {
  const clock = manualClock(1_000);
  const path = { roundTripMs: 50, inFlightBytes: 0, bandwidth: 10_000 };
  const flight = new Flight({ clock, path, onRoom: () => {} });
  flight.allowance();
  path.roundTripMs = 200;
  flight.allowance();
  clock.advance(100);
  expect(flight.allowance()).toBeGreaterThanOrEqual(1_200);
});
