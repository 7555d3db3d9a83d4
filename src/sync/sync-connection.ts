import type { CallArguments } from "../core/engine/arguments.ts";
import { checkPositive } from "../core/engine/check-options.ts";
import { SealwireError } from "../core/model/errors.ts";
import type { SyncCallOptions, SyncLimits } from "./options.ts";
import { SyncStream } from "./sync-stream.ts";
import type { ThreadLink } from "./thread-link.ts";
import type { Question } from "./thread-messages.ts";

/** What a synchronous client does, each of it blocking until it is done. */
export class SyncConnection {
  /** Where the server is, without user and password: what the REPL shows of a client. */
  readonly address: string;
  readonly #link: ThreadLink;
  readonly #limits: SyncLimits;
  readonly #ended: () => void;

  /** `ended` is called when the connection is closed, to end its thread. */
  constructor(address: string, link: ThreadLink, limits: SyncLimits, ended: () => void) {
    this.address = address;
    this.#link = link;
    this.#limits = limits;
    this.#ended = ended;
  }

  /** @throws what the handler threw, with its code; as `ThreadLink.ask` */
  call(procedure: string, args: CallArguments = [], options: SyncCallOptions = {}): unknown {
    const { itemMs } = this.#limits;
    const limitMs = this.#limitOf(options);
    const answer = this.#link.ask({ kind: "call", procedure, args, options }, limitMs);
    if (answer.kind !== "stream") return valueIn(answer);
    const eachMs = options.timeoutMs === undefined ? itemMs : limitMs;
    return new SyncStream(this.#link, answer.stream, eachMs);
  }

  /** Returns when the event has been handed to the connection. */
  emit(name: string, data?: unknown): void {
    this.#link.ask({ kind: "emit", name, data }, this.#limitOf({}));
  }

  /** The milliseconds of a round trip. */
  ping(options: SyncCallOptions = {}): number {
    const question: Question = { kind: "ping", options };
    return Number(valueIn(this.#link.ask(question, this.#limitOf(options))));
  }

  /** Ends the connection in order, and its thread. Closing again does nothing. */
  close(): void {
    try {
      this.#link.ask({ kind: "close" }, CLOSE_MS);
    } catch {
      // Whoever closes does not care why nothing was open any more.
    } finally {
      this.#link.end(new SealwireError("UNAVAILABLE", "this client has been closed"));
      this.#ended();
    }
  }

  #limitOf(options: SyncCallOptions): number {
    checkPositive({ timeoutMs: options.timeoutMs });
    return this.#limits.callMs(options);
  }
}

/** How long a peer may take to say goodbye. */
const CLOSE_MS = 5_000;

function valueIn(answer: { readonly kind: string; readonly value?: unknown }): unknown {
  return answer.value;
}
