import type { BackoffOptions } from "./backoff.ts";

/**
 * The pause before try number `attempt` (from 0): exponential with full jitter, so that clients
 * which lost the same server do not come back together (M. Brooker, "Exponential Backoff And
 * Jitter", 2015).
 */
export function pauseMs(attempt: number, options: Required<BackoffOptions>): number {
  const longest = Math.min(options.maxMs, options.baseMs * 2 ** Math.min(attempt, 30));
  return options.random() * longest;
}
