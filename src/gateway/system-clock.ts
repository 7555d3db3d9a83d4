import type { Clock } from "../core/contracts/clock.ts";

/** The clock of this machine; what is open in the gateway keeps the process alive by itself. */
export const SYSTEM_CLOCK: Clock = Object.freeze({
  now: () => Date.now(),
  after(ms: number, run: () => void) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
});
