import { Inbox } from "../../bytes/inbox.ts";
import { Gate } from "../../core/engine/gate.ts";
import type { SealwireError } from "../../core/model/errors.ts";
import { Outbox } from "./outbox.ts";

/** Messages of one link in both directions, whatever becomes of its sessions. */
export class Mailbox {
  /** What has arrived, for one reader. */
  readonly received: Inbox<Uint8Array>;
  readonly outbox: Outbox = new Outbox();
  readonly #room = new Gate();
  #full = false;
  readonly #limits: { readonly maxWaitingBytes: number; readonly writeBufferBytes: number };

  constructor(
    limits: { readonly maxWaitingBytes: number; readonly writeBufferBytes: number },
    onWanted: () => void,
  ) {
    this.#limits = limits;
    this.received = new Inbox({
      maxWaiting: limits.maxWaitingBytes,
      weigh: (message) => message.length + MESSAGE_COST_BYTES,
      onWanted,
    });
  }

  /** Bytes that may still arrive before the reader has taken something. */
  get roomBytes(): number {
    return this.#limits.maxWaitingBytes - this.received.weight;
  }

  put(message: Uint8Array, settled?: (error?: SealwireError) => void): void {
    this.outbox.put(message, (error) => {
      settled?.(error);
      if (this.outbox.unsettledBytes * 2 <= this.#limits.writeBufferBytes) this.#makeRoom();
    });
    this.#full ||= this.outbox.unsettledBytes >= this.#limits.writeBufferBytes;
  }

  /** Resolves when there is room for more; `undefined`: there is room now. */
  room(): Promise<void> | undefined {
    return this.#full ? this.#room.wait() : undefined;
  }

  /** Nothing comes or goes any more: what waits to be sent is lost, those who wait go on. */
  end(lost: SealwireError, reason: Error | undefined): void {
    this.outbox.clear(lost);
    this.received.end(reason);
    this.#makeRoom();
  }

  #makeRoom(): void {
    if (!this.#full) return;
    this.#full = false;
    this.#room.open();
  }
}

const MESSAGE_COST_BYTES = 64;
