/** How a client comes back after a break. */
export interface BackoffOptions {
  /** The longest first pause. @default 100 */
  readonly baseMs?: number;
  /** The longest pause at all. @default 30_000 */
  readonly maxMs?: number;
  /** Tries before it gives up. @default without end */
  readonly attempts?: number;
  /** Gives numbers from 0 to 1; for tests. @default Math.random */
  readonly random?: () => number;
}

/** The backoff that holds unless an option says otherwise. */
export const DEFAULT_BACKOFF: Required<BackoffOptions> = Object.freeze({
  baseMs: 100,
  maxMs: 30_000,
  attempts: Number.POSITIVE_INFINITY,
  // Spreads clients over time; nothing secret depends on it.
  random: Math.random,
});
