import type { Clock } from "../contracts/clock.ts";
import type { Metadata } from "../model/message.ts";
import { invalidOption } from "./check-options.ts";

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
  /** Arguments by name, beside those by position. */
  readonly named?: Readonly<Record<string, unknown>>;
  /** Items to stream to the handler, which reads them as `call.input`. */
  readonly input?: AsyncIterable<unknown>;
  /** May be repeated after a break without doing its effect twice. @default false */
  readonly idempotent?: boolean;
}

/**
 * The moment by which a call must be over, in milliseconds since the epoch; infinity for never.
 *
 * @throws `INVALID_ARGUMENT` for what is no time
 */
export function deadlineOf(
  { timeoutMs, deadline = Number.POSITIVE_INFINITY }: CallOptions,
  defaultTimeoutMs: number,
  clock: Clock,
): number {
  const moment = Math.min(deadline, clock.now() + (timeoutMs ?? defaultTimeoutMs));
  if (!Number.isNaN(moment)) return moment;
  throw invalidOption("timeoutMs or deadline", moment, "a number");
}
