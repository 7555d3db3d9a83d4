import type { MessagePort } from "node:worker_threads";
import type { CallArguments } from "../core/engine/arguments.ts";
import type { Failure } from "../core/model/errors.ts";
import type { SyncCallOptions, SyncClientOptions } from "./options.ts";

/** What the waiting thread asks of the one that holds the connection; each has one answer. */
export type Question =
  | { readonly kind: "open"; readonly address: string; readonly options: SyncClientOptions }
  | {
      readonly kind: "call";
      readonly procedure: string;
      readonly args: CallArguments;
      readonly options: SyncCallOptions;
    }
  | { readonly kind: "emit"; readonly name: string; readonly data: unknown }
  | { readonly kind: "ping"; readonly options: SyncCallOptions }
  | { readonly kind: "next"; readonly stream: number }
  | { readonly kind: "close" };

/** What it says beside; nobody waits for an answer. */
export type Remark =
  /** Nobody waits for the answer of this question any more. */
  | { readonly kind: "cancel"; readonly id: number }
  /** Nobody reads this stream any more. */
  | { readonly kind: "leave"; readonly stream: number }
  /** Asks for a sign of life in the shared cells. */
  | { readonly kind: "probe" };

/** What comes back for a question. */
export type Answer =
  | { readonly kind: "value"; readonly value: unknown }
  | { readonly kind: "stream"; readonly stream: number }
  | { readonly kind: "end" }
  | { readonly kind: "failed"; readonly failure: Failure };

/** A question or an answer under the number that joins the two. */
export type Numbered<What> = What & { readonly id: number };

/** What a new thread is given: where it is asked, and the cells that both threads see. */
export interface ThreadStart {
  readonly port: MessagePort;
  readonly cells: Int32Array<SharedArrayBuffer>;
}

/** The cell that counts answers; the waiting thread sleeps on it. */
export const ANSWERS = 0;
/** The cell that counts signs of life. */
export const SIGNS = 1;
/** The cell that is 1 when the other thread has ended. */
export const ENDED = 2;
/** How many cells there are. */
export const CELLS = 3;

/** Wakes the thread that waits for an answer. */
export function wake(cells: Int32Array): void {
  Atomics.add(cells, ANSWERS, 1);
  Atomics.notify(cells, ANSWERS);
}
