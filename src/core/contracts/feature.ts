import type { Handler, Middleware } from "../model/call.ts";
import type { Arguments, Metadata } from "../model/message.ts";
import type { Peer } from "../model/peer.ts";
import type { Nodes } from "./nodes.ts";
import type { StandardSchema } from "./schema.ts";
import type { SessionHost } from "./session-host.ts";

/** Adds something to a server and returns the handle the application works with. */
export type Feature<Handle> = (host: Host) => Handle;

/** The same for a client: what `client.shared`, rooms and files are made of. */
export type ClientFeature<Handle> = (host: ClientHost) => Handle;

/** The part of a server that a feature may touch. */
export interface Host extends Endpoints {
  procedure(name: string, options: ProcedureOptions, handler: Handler): void;
  onConnect(hook: (peer: Peer) => void | Promise<void>): void;
  onDisconnect(hook: (peer: Peer, reason?: Error) => void): void;
  onStart(hook: () => void | Promise<void>): void;
  /** Peers whose wire cannot carry events are skipped and counted. */
  emit(name: string, data: unknown, to: Iterable<Peer>): Promise<Delivered>;
  /** To all that want the event: those who watch it, and everyone where wires cannot say so. */
  broadcast(name: string, data: unknown, options?: HostBroadcastOptions): Promise<Delivered>;
  call(peer: Peer, procedure: string, args: Arguments, options?: HostCallOptions): Promise<unknown>;
  disconnect(peer: Peer, reason: Error): void;
  peers(): Iterable<Peer>;
  /** What is registered, by name: for those who describe or watch over procedures. */
  procedures(): ReadonlyMap<string, ProcedureOptions>;
  /** What is registered here, as it meets callers from elsewhere: `run` looks who may call it. */
  find(procedure: string): Registered | undefined;
  /** Asked for procedures that nobody registered here: who else has them? */
  otherwise(find: (procedure: string) => Registered | undefined): void;
  /** The other servers that are one with this one. */
  readonly nodes: Nodes;
  /** Sessions that outlive their channels. */
  readonly sessions: SessionHost;
}

/** One procedure, ready to run. */
export interface Registered {
  readonly name: string;
  readonly options: ProcedureOptions;
  readonly run: Handler;
}

/** Whom a feature leaves out. */
export interface HostBroadcastOptions {
  readonly filter?: (peer: Peer) => boolean;
  /** Only to the peers of this node, where the others hear of it on a way of their own. */
  readonly local?: boolean;
}

/** How many peers an event went to, and how many could not have it. */
export interface Delivered {
  readonly delivered: number;
  readonly skipped: number;
}

/** Where a client stands with its server. */
export type ConnectionState = "connecting" | "open" | "broken" | "closed";

/** The part of a client that a feature may touch. */
export interface ClientHost extends Endpoints {
  call(procedure: string, args: Arguments, options?: HostCallOptions): Promise<unknown>;
  emit(name: string, data: unknown): Promise<void>;
  onState(hook: (state: ConnectionState) => void): void;
}

/** What a feature may say of a call of its own. */
export interface HostCallOptions {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  readonly meta?: Metadata;
  /** Items to stream to the handler. */
  readonly input?: AsyncIterable<unknown>;
}

/** What both ends share. */
export interface Endpoints {
  use(middleware: Middleware): void;
  /** What `receive` returns goes back on wires that answer events (`Vocabulary.answersEvents`). */
  onEvent(name: string, receive: (data: unknown, peer: Peer) => unknown): void;
  onClose(release: () => Promise<void>): void;
}

/** What is said of a procedure when it is registered. */
export interface ProcedureOptions {
  /** Named parameters in the order that binds positional ones, each with its schema. */
  readonly params?: Readonly<Record<string, StandardSchema>>;
  readonly result?: StandardSchema;
  /** Callable without proof of identity. @default false */
  readonly public?: boolean;
  /** All of these must be among the principal's scopes. */
  readonly scopes?: readonly string[];
  /** The server's own limit for the handler, beside the caller's deadline. */
  readonly timeoutMs?: number;
  readonly description?: string;
  /**
   * Running it twice does no more than running it once: when the worker that ran a call is lost, a
   * broker gives the call to another. @default false
   */
  readonly idempotent?: boolean;
}
