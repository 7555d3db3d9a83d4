import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { LateMessages } from "./late-messages.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** What is watched, to be moved by the test, and how often nothing had moved. */
function watched() {
  const expecting = { lacks: true, position: 5 };
  const stalled = vi.fn<() => void>();
  return { expecting, stalled, late: new LateMessages(expecting, stalled) };
}

it("tells again and again when nothing comes that must come, and stops when it has", () => {
  const { expecting, stalled, late } = watched();
  late.watch();
  vi.advanceTimersByTime(40);
  expect(stalled).not.toHaveBeenCalled();
  vi.advanceTimersByTime(40);
  const told = stalled.mock.calls.length;
  expect(told).toBeGreaterThan(0);
  expecting.lacks = false;
  vi.advanceTimersByTime(1_000);
  expect(stalled.mock.calls.length).toBe(told);
  expect(vi.getTimerCount()).toBe(0);
});

it("waits on while something comes", () => {
  const { expecting, stalled, late } = watched();
  late.watch();
  for (let i = 0; i < 50; i++) {
    vi.advanceTimersByTime(20);
    expecting.position += 1;
  }
  expect(stalled).not.toHaveBeenCalled();
  late.close();
  expect(vi.getTimerCount()).toBe(0);
});

it("has no timer while nothing is missing", () => {
  const { expecting, late } = watched();
  expecting.lacks = false;
  late.watch();
  expect(vi.getTimerCount()).toBe(0);
});
