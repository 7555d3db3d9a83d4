import { AsyncLocalStorage } from "node:async_hooks";
import type { Clock } from "../core/contracts/clock.ts";
import type { CallContext } from "../core/contracts/context.ts";
import type { Platform } from "../core/contracts/platform.ts";
import type { Call } from "../core/model/call.ts";
import { systemClock } from "./system-clock.ts";

/** What Node gives: turns that end after all microtasks, and a context that follows awaits. */
export const NODE_PLATFORM: Platform = Object.freeze({
  // Of the three ways measured this batches best and delays a lone call least.
  turn: { endOfTurn: (run: () => void) => process.nextTick(run) },
  clock: nodeClock(),
  context: nodeContext,
});

function nodeContext(): CallContext {
  const storage = new AsyncLocalStorage<Call>();
  return {
    run: (call, action) => storage.run(call, action),
    current: () => storage.getStore(),
  };
}

/** Timers of ours do not keep a process alive, unless they stand for what is open. */
function nodeClock(): Clock {
  return systemClock((ms, run, keepsAlive = false) => {
    const timer = setTimeout(run, ms);
    if (!keepsAlive) timer.unref();
    return () => clearTimeout(timer);
  });
}
