import type { Logger } from "../../core/contracts/logger.ts";
import type { Store } from "../../core/contracts/store.ts";
import { wholeLimits } from "../../core/engine/check-options.ts";
import type { VariableDeclaration } from "./declaration.ts";

/** What the shared variables of one server, or those known to one client, may cost. */
export interface StateLimits {
  /** Variables that are kept; one more is refused with `TOO_LARGE`. @default 10_000 */
  readonly maxVariables: number;
  /** About how many bytes one value takes; a larger one is refused. @default 1_048_576 */
  readonly maxValueBytes: number;
  /**
   * About how many bytes all values take together, those of the history too; beyond it they are
   * refused. @default 67_108_864
   */
  readonly maxBytes: number;
}

/** What those who watch may cost a server. */
export interface WatchLimits {
  /** Watches of one peer that are open at once; one more is refused. @default 100 */
  readonly maxWatchesPerPeer: number;
  /** Watches of all peers together. @default 100_000 */
  readonly maxWatches: number;
  /**
   * Changes that may wait for one watch, with at most `maxBytes` of values; then it ends with
   * `RATE_LIMITED`. @default 1_000
   */
  readonly maxBacklog: number;
  /**
   * The last changes of all, kept for watches that go on after a break; they take at most
   * `maxBytes`. @default 1_000
   */
  readonly resumableChanges: number;
}

/** How variables are shared. */
export interface SharedStateOptions extends Partial<StateLimits>, Partial<WatchLimits> {
  /**
   * Keeps the variables beyond the life of the server; what is acknowledged is kept. The server
   * closes it.
   *
   * @default memory alone
   */
  readonly store?: Store;
  /** Variables with rules of their own, by name; a name that ends in `*` stands for all that begin so. */
  readonly declare?: Readonly<Record<string, VariableDeclaration>>;
  /** Whether variables that nobody declared may be made. @default "allow" */
  readonly undeclared?: "allow" | "refuse";
  /** Where it is told that a change could not be sent or kept. @default silence */
  readonly logger?: Logger;
  /** Milliseconds since the epoch; for tests. @default Date.now */
  readonly now?: () => number;
}

/** The longest name of a variable, as of procedures and events. */
export const MAX_NAME_LENGTH = 256;

/** Versions before the present one that a declaration may ask to keep. */
export const MAX_HISTORY = 1_000;

/** The limits that hold unless an option says otherwise. */
export const DEFAULT_STATE_LIMITS: StateLimits = Object.freeze({
  maxVariables: 10_000,
  maxValueBytes: 1_048_576,
  maxBytes: 67_108_864,
});

/** The same for those who watch. */
export const DEFAULT_WATCH_LIMITS: WatchLimits = Object.freeze({
  maxWatchesPerPeer: 100,
  maxWatches: 100_000,
  maxBacklog: 1_000,
  resumableChanges: 1_000,
});

/** Fills in and checks. @throws `INVALID_ARGUMENT` naming the option, the value and what is allowed */
export function stateLimits(options: Partial<StateLimits>): StateLimits {
  return wholeLimits(DEFAULT_STATE_LIMITS, options);
}

/** The same. */
export function watchLimits(options: Partial<WatchLimits>): WatchLimits {
  return wholeLimits(DEFAULT_WATCH_LIMITS, options);
}
