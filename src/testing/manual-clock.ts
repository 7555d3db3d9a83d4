import type { Clock } from "../core/contracts/clock.ts";

/** A clock that stands until it is told to go on. */
export interface ManualClock extends Clock {
  /** Lets time pass and runs what is due on the way, each at its own moment, in order. */
  advance(ms: number): void;
  /** How many timers wait. */
  readonly waiting: number;
}

/** A clock for tests: hours pass in no time and nothing happens by chance. */
export function manualClock(startMs = 0): ManualClock {
  const timers = new Set<Timer>();
  let nowMs = startMs;
  return {
    now: () => nowMs,
    after(ms, run) {
      const timer = { dueMs: nowMs + Math.max(0, ms), run };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance(ms) {
      const untilMs = nowMs + ms;
      for (;;) {
        const timer = nextDue(timers, untilMs);
        if (timer === undefined) break;
        timers.delete(timer);
        nowMs = Math.max(nowMs, timer.dueMs);
        timer.run();
      }
      nowMs = untilMs;
    },
    get waiting() {
      return timers.size;
    },
  };
}

interface Timer {
  readonly dueMs: number;
  readonly run: () => void;
}

function nextDue(timers: ReadonlySet<Timer>, untilMs: number): Timer | undefined {
  let next: Timer | undefined;
  for (const timer of timers) {
    if (timer.dueMs <= untilMs && (next === undefined || timer.dueMs < next.dueMs)) next = timer;
  }
  return next;
}
