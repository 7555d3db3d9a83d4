import type { Metadata } from "../model/message.ts";
import type { Principal } from "../model/peer.ts";

/** Runs work elsewhere than on the event loop that reads the wires. */
export interface Executor {
  /**
   * Is told of a target while procedures are registered, so that what is missing is missed then
   * and not by the first caller.
   *
   * @throws `INVALID_ARGUMENT` for a module that is not there, `UNSUPPORTED` when a package lacks
   */
  prepare?(target: TaskTarget): void;
  /**
   * Resolves with what the handler returned. An abort ends the task, also one that never looks up.
   *
   * @throws the handler's error; `RATE_LIMITED` when too many wait; `UNAVAILABLE` when what ran it
   * has died; the reason of the signal
   */
  run(task: Task, options: { readonly signal: AbortSignal }): Promise<unknown>;
  /** Ends what runs and what waits. */
  close(): Promise<void>;
}

/** Names code instead of carrying it, so that it can cross into another thread. */
export interface TaskTarget {
  /** File of the module, as URL or path; TypeScript as well. */
  readonly module: string | URL;
  /** Its export, or a function of the object that it exports as default. */
  readonly handler: string;
}

/** One piece of work. */
export interface Task extends TaskTarget {
  /** The arguments of the handler: what a structured clone can carry. */
  readonly input: readonly unknown[];
}

/** What of a call a handler elsewhere is told, beside its parameters. */
export interface TaskCall {
  readonly procedure: string;
  readonly meta: Metadata;
  readonly principal?: Pick<Principal, "id" | "scopes">;
  /** Milliseconds since the epoch. */
  readonly deadline?: number;
}
