import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Heartbeat, type HeartbeatPort } from "./heartbeat.ts";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

interface Watched extends HeartbeatPort {
  listening: boolean;
  asked: number;
  lostAfter: number[];
}

function watched(): Watched {
  const port: Watched = {
    listening: true,
    asked: 0,
    lostAfter: [],
    ask: () => {
      port.asked += 1;
    },
    lost: (silentMs) => {
      port.lostAfter.push(silentMs);
    },
  };
  return port;
}

function pass(ms: number): void {
  vi.advanceTimersByTime(ms);
}

/** Who was given up so far: with false timers, what runs at once needs a moment to run. */
function lost(port: Watched): readonly number[] {
  vi.advanceTimersByTime(1);
  return port.lostAfter;
}

test("asks nobody who speaks and is spoken to", () => {
  const port = watched();
  const heartbeat = new Heartbeat(port, 1_000);
  for (let i = 0; i < 10; i++) {
    heartbeat.heard();
    heartbeat.sent();
    pass(1_000);
  }
  expect(lost(port)).toEqual([]);
  expect(port.asked).toBe(0);
  heartbeat.stop();
});

test("asks a silent peer once, and gives it up an interval later", () => {
  const port = watched();
  const heartbeat = new Heartbeat(port, 1_000);
  pass(2_000);
  expect(lost(port)).toEqual([]);
  pass(1_000);
  expect(lost(port)).toEqual([1_000]);
  expect(port.asked).toBe(1);
  heartbeat.stop();
});

test("keeps a peer that answers, for hours", () => {
  const port = watched();
  const heartbeat = new Heartbeat(port, 1_000);
  for (let i = 0; i < 10_000; i++) {
    const before = port.asked;
    pass(1_000);
    if (port.asked > before) heartbeat.heard();
  }
  expect(lost(port)).toEqual([]);
  expect(port.asked).toBeGreaterThan(4_000);
  heartbeat.stop();
});

test("speaks when nothing else leaves, because it promised the peer to", () => {
  const port = watched();
  const heartbeat = new Heartbeat(port, 1_000);
  for (let i = 0; i < 4; i++) {
    heartbeat.heard();
    pass(1_000);
  }
  expect(port.asked).toBe(3);
  heartbeat.stop();
});

test("does not take its own deafness for the peer's silence", () => {
  const port = watched();
  const heartbeat = new Heartbeat(port, 1_000);
  port.listening = false;
  pass(10_000);
  expect(lost(port)).toEqual([]);
  port.listening = true;
  heartbeat.heard();
  pass(1_000);
  expect(lost(port)).toEqual([]);
  pass(1_000);
  expect(lost(port)).toEqual([1_000]);
  heartbeat.stop();
});

test("hears first what came while the process was busy", () => {
  const port = watched();
  const heartbeat = new Heartbeat(port, 1_000);
  pass(3_000);
  heartbeat.heard();
  expect(lost(port)).toEqual([]);
  heartbeat.stop();
});

test("gives a peer up that is silent for longer than it said, though nobody asks", () => {
  const port = watched();
  const heartbeat = new Heartbeat(port, undefined);
  heartbeat.heard();
  heartbeat.expectWithin(300);
  pass(298);
  expect(lost(port)).toEqual([]);
  pass(1);
  expect(lost(port)).toEqual([300]);
  expect(port.asked).toBe(0);
});

test("does not hold a peer to its word while it is not read", () => {
  const port = watched();
  const heartbeat = new Heartbeat(port, undefined);
  heartbeat.expectWithin(300);
  port.listening = false;
  pass(1_000);
  expect(lost(port)).toEqual([]);
});

test("forgets what a peer said about its silence when it speaks, and when it ends", () => {
  const port = watched();
  const heartbeat = new Heartbeat(port, undefined);
  heartbeat.expectWithin(300);
  heartbeat.heard();
  pass(1_000);
  heartbeat.expectWithin(300);
  heartbeat.stop();
  pass(1_000);
  heartbeat.expectWithin(0);
  pass(100_000);
  expect(lost(port)).toEqual([]);
});
