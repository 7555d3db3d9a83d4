import type { Metadata } from "../model/message.ts";

/** What may be said about one call of ours. */
export interface CallOptions {
  /** How long to wait for the end of the call; travels, and reaches the handler as its deadline. */
  readonly timeoutMs?: number;
  /** A moment instead of a length, in milliseconds since the epoch; the earlier of both holds. */
  readonly deadline?: number;
  /** Cancels the call; the handler's `signal` is aborted. */
  readonly signal?: AbortSignal;
  /** Short texts that travel with the call. */
  readonly meta?: Metadata;
  /** Items to stream to the handler, which reads them as `call.input`. */
  readonly input?: AsyncIterable<unknown>;
  /** May be repeated after a break without doing its effect twice. @default false */
  readonly idempotent?: boolean;
}
