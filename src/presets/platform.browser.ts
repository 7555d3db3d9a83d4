import type { Platform } from "../core/contracts/platform.ts";
import { systemClock } from "./system-clock.ts";

/** What browsers give: turns that end with the microtasks, and timers. No context below awaits. */
export const BROWSER_PLATFORM: Platform = Object.freeze({
  turn: { endOfTurn: (run: () => void) => queueMicrotask(run) },
  clock: systemClock((ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  }),
});
