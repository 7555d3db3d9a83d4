import type { BucketMessage } from "./bucket-session.ts";

/** Takes what a bucket holds, in its order. */
export interface BucketTaker {
  /** The sequence that was taken last; 0 at the beginning. */
  readonly position: number;
  take(message: BucketMessage): void;
  /** What is there has been taken; up to this sequence there is nothing else. */
  caughtUp(upTo: number): void;
  /** Changes up to this sequence were superseded before they came here. */
  gap(upTo: number): void;
  /** After gaps: all that is known to be there has been taken. */
  level(): void;
  /** The engine does not have what it had: everything is told anew. */
  anew(why: string): void;
}

/** Messages, and bytes of them, that may wait for those before them. More are read again later. */
const [MAX_AHEAD, MAX_AHEAD_BYTES] = [10_000, 67_108_864];

/**
 * Brings two ways into one order. What the engine says aloud at each write is quick and may be
 * missed. What it delivers from the bucket comes for certain, but of a key that changes quickly
 * not each change: the bucket keeps only so many.
 */
export class BucketOrder {
  readonly #taker: BucketTaker;
  readonly #ahead = new Map<number, BucketMessage>();
  #aheadBytes = 0;
  #lastHeard = 0;
  /** What the bucket is known to have. */
  #expected = 0;
  #whole = false;
  #gapped = false;
  #whenWhole: () => void = () => {};

  constructor(taker: BucketTaker) {
    this.#taker = taker;
  }

  /** Everything that is there has been taken once, so that what is missing is missed. */
  get whole(): boolean {
    return this.#whole;
  }

  /** How far everything has been taken. */
  get position(): number {
    return this.#taker.position;
  }

  /** The highest sequence that was said aloud. */
  get lastHeard(): number {
    return this.#lastHeard;
  }

  /** Something has not come that the bucket has. */
  get lacks(): boolean {
    return this.#ahead.size > 0 || this.#expected > this.#taker.position;
  }

  /** The bucket has this sequence, as an answer of the engine shows. */
  expect(sequence: number): void {
    if (sequence > this.#expected) this.#expected = sequence;
  }

  /** Runs when everything that is there has been taken for the first time. */
  whenWhole(run: () => void): void {
    if (this.#whole) run();
    else this.#whenWhole = run;
  }

  /** What the engine said aloud. */
  heard(message: BucketMessage): void {
    const next = this.#taker.position + 1;
    if (message.sequence > this.#lastHeard) this.#lastHeard = message.sequence;
    if (message.sequence < next) return;
    if (this.#whole && message.sequence === next) this.#takeOn(message);
    else this.#keep(message);
  }

  /** What the bucket delivered: what is not before it now, is not there any more. */
  delivered(message: BucketMessage): void {
    if (message.sequence <= this.#taker.position) return;
    if (this.#whole) this.#fillUpTo(message.sequence - 1);
    this.#drop(message.sequence);
    this.#takeOn(message);
  }

  /** Everything up to this sequence has been delivered that is there. */
  caughtUp(upTo: number): void {
    if (this.#whole) {
      this.#fillUpTo(upTo);
      this.#goOn();
      return this.#levelOut();
    }
    this.#whole = true;
    this.#taker.caughtUp(upTo);
    // What was said aloud meanwhile has mostly been delivered as well.
    this.#fillUpTo(this.#taker.position);
    this.#goOn();
    this.#whenWhole();
    this.#whenWhole = () => {};
  }

  /** What has been heard and waits is forgotten, and what was to come. */
  forget(): void {
    this.#ahead.clear();
    this.#aheadBytes = 0;
    this.#expected = 0;
  }

  anew(why: string): void {
    this.#whole = false;
    this.#lastHeard = 0;
    this.forget();
    this.#taker.anew(why);
  }

  #fillUpTo(last: number): void {
    const before = [...this.#ahead.keys()].filter((one) => one <= last).sort((a, b) => a - b);
    for (const one of before) {
      const message = this.#drop(one);
      if (!message || one <= this.#taker.position) continue;
      if (one !== this.#taker.position + 1) this.#gap(one - 1);
      this.#taker.take(message);
    }
    if (last > this.#taker.position) this.#gap(last);
  }

  #gap(upTo: number): void {
    this.#gapped = true;
    this.#taker.gap(upTo);
  }

  #levelOut(): void {
    if (!this.#gapped || this.lacks) return;
    this.#gapped = false;
    this.#taker.level();
  }

  #takeOn(message: BucketMessage): void {
    this.#taker.take(message);
    if (!this.#whole) return;
    this.#goOn();
    this.#levelOut();
  }

  #goOn(): void {
    for (;;) {
      const next = this.#drop(this.#taker.position + 1);
      if (!next) return;
      this.#taker.take(next);
    }
  }

  #keep(message: BucketMessage): void {
    const { sequence, data } = message;
    if (this.#ahead.has(sequence) || this.#ahead.size >= MAX_AHEAD) return;
    if (this.#aheadBytes + data.length > MAX_AHEAD_BYTES) return;
    // The library's bytes are a part of a larger piece, which would be kept as a whole.
    this.#ahead.set(sequence, { ...message, data: Uint8Array.from(data) });
    this.#aheadBytes += data.length;
  }

  #drop(sequence: number): BucketMessage | undefined {
    const message = this.#ahead.get(sequence);
    if (message) this.#aheadBytes -= message.data.length;
    this.#ahead.delete(sequence);
    return message;
  }
}
