import type { Evidence } from "./credentials.ts";
import type { Failure } from "./errors.ts";

/**
 * Names one call on one connection. The session chooses the form; the engine only compares.
 * Where both sides may call, the side that connected and the side that accepted use disjoint
 * ids (native: odd and even), so that `item`, `end`, `credit` and `cancel` are never ambiguous.
 */
export type CallId = string | number | bigint;

/** What a caller passes: by position, by name, or both, because the wires we speak allow both. */
export interface Arguments {
  readonly positional: readonly unknown[];
  readonly named: Readonly<Record<string, unknown>>;
}

/** Short texts that travel beside a call, such as a trace id. */
export type Metadata = Readonly<Record<string, string>>;

/** Everything two peers can say to each other, whatever the wire looks like. */
export type Message =
  | CallMessage
  | { readonly kind: "result"; readonly id: CallId; readonly value: unknown }
  | { readonly kind: "error"; readonly id: CallId; readonly failure: Failure }
  | { readonly kind: "cancel"; readonly id: CallId }
  | { readonly kind: "item"; readonly id: CallId; readonly value: unknown }
  | { readonly kind: "end"; readonly id: CallId }
  | { readonly kind: "credit"; readonly id: CallId; readonly items: number }
  | { readonly kind: "event"; readonly name: string; readonly data: unknown }
  | { readonly kind: "ping" }
  | { readonly kind: "pong" }
  | { readonly kind: "pause" }
  | { readonly kind: "resume" }
  | { readonly kind: "goodbye"; readonly reason?: string };

/** The word that tells messages apart. */
export type MessageKind = Message["kind"];

/** A request to run a procedure. */
export interface CallMessage {
  readonly kind: "call";
  readonly id: CallId;
  readonly procedure: string;
  readonly args: Arguments;
  /** The caller will send items (a client stream, or one half of a stream both ways). */
  readonly streaming?: true;
  readonly meta?: Metadata;
  /** What is left of the caller's deadline when the message leaves, in milliseconds. */
  readonly timeoutMs?: number;
  /** Present only on wires that prove the caller with every call. */
  readonly evidence?: Evidence;
  /**
   * The session already knows the answer: a malformed frame, a repeated greeting. It still
   * travels through the engine, so that answers keep the order of the requests.
   */
  readonly settled?: { readonly value: unknown } | { readonly failure: Failure };
}

/** No arguments at all. Shared, so that calls without arguments make no object. */
export const NO_ARGUMENTS: Arguments = Object.freeze({
  positional: Object.freeze([]),
  named: Object.freeze({}),
});
