import type { Clock } from "../../core/contracts/clock.ts";

/**
 * The time with fractions of a millisecond, which never goes back: round trips on one machine take
 * less than one.
 */
export function systemClock(): Clock {
  return {
    now: () => performance.timeOrigin + performance.now(),
    after(ms, run, keepsAlive) {
      const timer = setTimeout(run, ms);
      if (keepsAlive !== true) timer.unref();
      return () => clearTimeout(timer);
    },
  };
}
