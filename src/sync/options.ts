import type { CallOptions } from "../core/engine/call-options.ts";
import type { NodeClientOptions } from "../presets/node.ts";

/**
 * What `connectSync` takes: the options of `connect` that are plain values. They go to another
 * thread, so functions and objects of classes (a logger, a dialect, a signal) have no place here;
 * the scheme of the address says which dialect is spoken.
 */
export interface SyncClientOptions
  extends Omit<
    NodeClientOptions,
    "dialect" | "transport" | "schemes" | "native" | "knownServers" | "logger" | "signal"
  > {
  /** How long connecting may take, the greeting included. @default 10_000 */
  readonly connectTimeoutMs?: number;
  /** For calls and items of streams without a timeout. @default the dialect's, or 30_000 */
  readonly callTimeoutMs?: number;
  /**
   * As of `connect`. Off, because scripts end without a goodbye: a server would wait for them.
   *
   * @default false
   */
  readonly resume?: Exclude<NodeClientOptions["resume"], undefined>;
}

/** What may be said about one synchronous call. */
export type SyncCallOptions = Pick<CallOptions, "timeoutMs" | "meta" | "named" | "idempotent">;

/** What the waiting thread adds to every limit that the connection's own thread keeps. */
export const MARGIN_MS = 1_000;

/** How long one question may take at most, by which no wait is without an end. */
export function limitsOf(options: SyncClientOptions): SyncLimits {
  const { connectTimeoutMs = 10_000, callTimeoutMs, retries = 3 } = options;
  // Waiting for the connection may take as long as the call that follows.
  const unlimitedMs = 2 * (callTimeoutMs ?? LONGEST_DEFAULT_MS) + MARGIN_MS;
  return {
    openMs: connectTimeoutMs + START_MS,
    itemMs: (callTimeoutMs ?? 30_000) + MARGIN_MS,
    callMs: ({ timeoutMs, idempotent }) => {
      if (timeoutMs !== undefined) return timeoutMs + MARGIN_MS;
      return idempotent ? unlimitedMs * (1 + retries) : unlimitedMs;
    },
  };
}

/** How long the waiting thread waits for each kind of question, in milliseconds. */
export interface SyncLimits {
  readonly openMs: number;
  readonly itemMs: number;
  callMs(options: SyncCallOptions): number;
}

/** Loading a thread takes a twentieth of this; a machine under load may need much longer. */
const START_MS = 10_000;
/** No dialect waits longer for a call that names no timeout. */
const LONGEST_DEFAULT_MS = 60_000;
