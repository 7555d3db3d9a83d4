import type { Arguments, Metadata } from "./message.ts";
import type { Peer, Principal } from "./peer.ts";

/** One call, going out or coming in. One type for both, so that one middleware serves both. */
export interface Call {
  readonly procedure: string;
  readonly args: Arguments;
  /** What the caller streams in; empty for ordinary calls. */
  readonly input: AsyncIterable<unknown>;
  readonly meta: Metadata;
  readonly peer: Peer;
  /** Who calls, as proven for this call; one connection may carry several. */
  readonly principal?: Principal | undefined;
  /** Milliseconds since the epoch; travels as what is left of it. */
  readonly deadline?: number | undefined;
  /** May be repeated after a break without doing its effect twice. */
  readonly idempotent?: boolean | undefined;
  /** Aborted by cancel, deadline or the connection's end; the reason is a `SealwireError`. */
  readonly signal: AbortSignal;
}

/** Answers a call: a value is the result, an async iterable a stream, a throw an error. */
export type Handler = (call: Call) => unknown;

/** Goes on with a call: to the next middleware, at last to the handler or to the wire. */
export type Next = (call: Call) => Promise<unknown>;

/** Wraps a handler. The first in a list is the outermost. */
export type Middleware = (call: Call, next: Next) => Promise<unknown>;
