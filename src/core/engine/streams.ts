import { SealwireError } from "../model/errors.ts";

/**
 * Items that may be on the way before the receiver has granted more. Part of the native wire:
 * both ends start with it. Large enough that a busy link is never waited for.
 */
export const STREAM_WINDOW = 1_024;

/** What the receiving half of a stream tells its connection. */
export interface ItemQueueOwner {
  /** So many more items may be sent. */
  grant(items: number): void;
  /** Bytes came into (or, negative, left) the buffer. */
  buffered(bytes: number): void;
  /** Nobody will take any more items. */
  abandoned(): void;
}

/**
 * The receiving half of a stream: items wait here until somebody takes them, and taking them
 * grants the sender more. Iterated once.
 */
export class ItemQueue implements AsyncIterableIterator<unknown, undefined> {
  readonly #owner: ItemQueueOwner;
  #items: unknown[] = [];
  #bytes: number[] = [];
  #head = 0;
  #allowed: number;
  #taken = 0;
  #ended = false;
  #failure: SealwireError | undefined;
  readonly #takers: Taker[] = [];

  /** `window` is infinite on wires without credit. */
  constructor(owner: ItemQueueOwner, window: number) {
    this.#owner = owner;
    this.#allowed = window;
  }

  /** @throws `PROTOCOL_VIOLATION` for an item beyond what was granted. */
  push(value: unknown, bytes: number): void {
    if (this.#ended) return;
    if (this.#allowed-- <= 0) throw beyondCredit();
    const taker = this.#takers.shift();
    if (taker) {
      taker.resolve({ value, done: false });
      this.#grantTaken();
      return;
    }
    this.#items.push(value);
    this.#bytes.push(bytes);
    this.#owner.buffered(bytes);
  }

  /** The sender has no more items; those that wait can still be taken. */
  end(): void {
    this.#ended = true;
    for (const taker of this.#takers.splice(0)) taker.resolve(DONE);
  }

  /** The stream broke; items that wait can still be taken before the failure shows. */
  fail(failure: SealwireError): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#release();
    const taker = this.#takers.shift();
    if (taker) taker.reject(failure);
    else this.#failure = failure;
    for (const other of this.#takers.splice(0)) other.resolve(DONE);
  }

  next(): Promise<IteratorResult<unknown, undefined>> {
    if (this.#head < this.#items.length)
      return Promise.resolve({ value: this.#take(), done: false });
    if (this.#failure) {
      const failure = this.#failure;
      this.#failure = undefined;
      return Promise.reject(failure);
    }
    if (this.#ended) return Promise.resolve(DONE);
    return new Promise((resolve, reject) => this.#takers.push({ resolve, reject }));
  }

  return(): Promise<IteratorResult<unknown, undefined>> {
    const wasOpen = !this.#ended;
    this.end();
    this.#forget();
    this.#failure = undefined;
    if (wasOpen) this.#owner.abandoned();
    return Promise.resolve(DONE);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #take(): unknown {
    const value = this.#items[this.#head];
    this.#owner.buffered(-(this.#bytes[this.#head] ?? 0));
    this.#items[this.#head] = undefined;
    this.#head += 1;
    if (this.#head === this.#items.length) this.#forget();
    this.#grantTaken();
    return value;
  }

  /** Counts what waits no more: nothing follows it, so it need not hold the peer back. */
  #release(): void {
    let left = 0;
    for (let i = this.#head; i < this.#bytes.length; i++) left += this.#bytes[i] ?? 0;
    this.#bytes = [];
    if (left > 0) this.#owner.buffered(-left);
  }

  #forget(): void {
    this.#release();
    this.#items = [];
    this.#head = 0;
  }

  /** Grants in quarters of the window: few credit messages, and the sender never runs dry. */
  #grantTaken(): void {
    this.#taken += 1;
    if (this.#taken < STREAM_WINDOW / 4 || this.#ended) return;
    this.#allowed += this.#taken;
    this.#owner.grant(this.#taken);
    this.#taken = 0;
  }
}

interface Taker {
  resolve(result: IteratorResult<unknown, undefined>): void;
  reject(failure: SealwireError): void;
}

const DONE: IteratorReturnResult<undefined> = Object.freeze({ value: undefined, done: true });

function beyondCredit(): SealwireError {
  return new SealwireError("PROTOCOL_VIOLATION", "the peer sent more stream items than granted");
}

/** A stream without items, for calls that bring none. */
export const NO_ITEMS: AsyncIterable<unknown> = Object.freeze({
  [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve(DONE) }),
});

/** Whether a handler's answer is a stream. */
export function isStream(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}
