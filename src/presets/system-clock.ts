import type { Clock } from "../core/contracts/clock.ts";

/** The clock of the machine, with the timers of its platform. */
export function systemClock(after: Clock["after"]): Clock {
  return { now: Date.now, after };
}
