import type { Call } from "../model/call.ts";
import type { Evidence } from "../model/credentials.ts";
import type { SealwireError } from "../model/errors.ts";
import type { Arguments, CallMessage, Metadata } from "../model/message.ts";
import type { Peer, Principal } from "../model/peer.ts";
import type { ItemPump } from "./item-pump.ts";
import { type ItemQueue, NO_ITEMS } from "./streams.ts";

/**
 * A call we serve. Its signal is made when somebody first looks: for small calls that is among
 * the largest costs.
 */
export class IncomingCall implements Call {
  readonly #message: CallMessage;
  #controller: AbortController | undefined;
  #aborted: SealwireError | undefined;
  readonly peer: Peer;
  principal: Principal | undefined;
  readonly deadline: number | undefined;
  /** The caller's items, where it streams some. */
  items: ItemQueue | undefined;
  /** The one answer has been given. */
  answered = false;
  /** Sends what the handler streams. */
  pump: ItemPump | undefined;

  constructor(
    message: CallMessage,
    peer: Peer,
    principal: Principal | undefined,
    deadline?: number,
  ) {
    this.#message = message;
    this.peer = peer;
    this.principal = principal;
    this.deadline = deadline;
  }

  get procedure(): string {
    return this.#message.procedure;
  }

  /** What proves who makes this very call, on wires that do so. */
  get evidence(): Evidence | undefined {
    return this.#message.evidence;
  }

  get args(): Arguments {
    return this.#message.args;
  }

  get meta(): Metadata {
    return this.#message.meta ?? NO_METADATA;
  }

  get input(): AsyncIterable<unknown> {
    return this.items ?? NO_ITEMS;
  }

  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.#aborted) this.#controller.abort(this.#aborted);
    }
    return this.#controller.signal;
  }

  /** Whether nobody waits for the answer any more. */
  get aborted(): boolean {
    return this.#aborted !== undefined;
  }

  /** Tells the handler that nobody waits for it any more. */
  abort(reason: SealwireError): void {
    this.#aborted ??= reason;
    this.#controller?.abort(reason);
    this.pump?.stop();
    this.items?.fail(reason);
  }

  /** Lets go of both streams after the answer. */
  finish(): void {
    this.pump?.stop();
    void this.items?.return();
  }
}

const NO_METADATA: Metadata = Object.freeze({});
