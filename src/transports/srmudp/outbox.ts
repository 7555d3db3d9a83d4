import type { SealwireError } from "../../core/model/errors.ts";

/** A message on its way out. */
export interface Outgoing {
  readonly bytes: Uint8Array;
  /** Called once: without an error when the peer has acknowledged all of it. */
  readonly settled: ((error?: SealwireError) => void) | undefined;
  /** Bytes that went into packets. */
  offset: number;
  /** A part of it has left: it may have arrived, whatever happens now. */
  started: boolean;
}

/** What goes into one packet. */
export interface Piece {
  readonly message: Outgoing;
  readonly data: Uint8Array;
  /** With it the message is complete. */
  readonly last: boolean;
}

/** Messages that wait to be sent; it outlives sessions. */
export class Outbox {
  #waiting: Outgoing[] = [];
  #first = 0;
  /** What is not acknowledged yet, in the way or waiting. */
  unsettledBytes = 0;

  get empty(): boolean {
    return this.#first >= this.#waiting.length;
  }

  put(bytes: Uint8Array, settled?: (error?: SealwireError) => void): void {
    this.#waiting.push({ bytes, settled, offset: 0, started: false });
    this.unsettledBytes += bytes.length + MESSAGE_COST_BYTES;
  }

  /**
   * The next piece. A message that fills its packets exactly is followed by an empty one, as
   * originals send and expect it; so an empty message is one empty packet.
   */
  next(windowBytes: number): Piece | undefined {
    const message = this.#waiting[this.#first];
    if (message === undefined) return undefined;
    const data = message.bytes.subarray(message.offset, message.offset + windowBytes);
    message.offset += data.length;
    message.started = true;
    const last = data.length < windowBytes;
    if (last) this.#shift();
    return { message, data, last };
  }

  /** A message is acknowledged, or lost. */
  settle(message: Outgoing, error?: SealwireError): void {
    this.unsettledBytes -= message.bytes.length + MESSAGE_COST_BYTES;
    message.settled?.(error);
  }

  /** The session is over: a message of which a part has left cannot go on in another. */
  takeStarted(): Outgoing | undefined {
    const message = this.#waiting[this.#first];
    if (message?.started !== true) return undefined;
    this.#shift();
    return message;
  }

  /** Everything that waits is lost. */
  clear(error: SealwireError): void {
    const lost = this.#waiting.slice(this.#first);
    this.#waiting = [];
    this.#first = 0;
    for (const message of lost) this.settle(message, error);
  }

  #shift(): void {
    this.#first += 1;
    if (this.#first < 64 || this.#first * 2 < this.#waiting.length) return;
    this.#waiting = this.#waiting.slice(this.#first);
    this.#first = 0;
  }
}

/** What a message counts beside its bytes, so that empty ones are bounded too. */
const MESSAGE_COST_BYTES = 64;
