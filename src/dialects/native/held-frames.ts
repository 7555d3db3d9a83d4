import { MIN_POOLED_BYTES } from "./frame-pool.ts";

/**
 * Sealed frames that the peer has not acknowledged, in order, within a bound. Beyond it the oldest
 * are dropped: until the peer acknowledges them, nothing could be sent again from there.
 */
export class HeldFrames {
  readonly #maxBytes: number;
  readonly #free: (frame: Uint8Array) => void;
  #frames: Uint8Array[] = [];
  /** Where the oldest one lies; before it is what was taken out. */
  #at = 0;
  #first: number;
  #bytes = 0;
  /** Large frames, whose memory is used again when nobody needs it any more. */
  readonly #large = new Map<Uint8Array, "held" | "sent" | "done">();

  /** `first`: the number of the record that comes first; `free` takes memory that is done with. */
  constructor(first: number, maxBytes: number, free: (frame: Uint8Array) => void) {
    this.#first = first;
    this.#maxBytes = maxBytes;
    this.#free = free;
  }

  /** The number of the oldest record that is here. */
  get first(): number {
    return this.#first;
  }

  /** The number of the record that comes next. */
  get next(): number {
    return this.#first + this.#frames.length - this.#at;
  }

  add(frame: Uint8Array): void {
    this.#frames.push(frame);
    this.#bytes += frame.length;
    if (frame.length >= MIN_POOLED_BYTES) this.#large.set(frame, "held");
    while (this.#bytes > this.#maxBytes) this.#drop();
  }

  /** The peer has opened so many records: those before are not needed any more. */
  acknowledged(count: number): void {
    while (this.#first < count && this.#at < this.#frames.length) this.#drop();
  }

  /** The channel has taken these frames. */
  sent(frames: readonly Uint8Array[]): void {
    for (const frame of frames) {
      const state = frame.length < MIN_POOLED_BYTES ? undefined : this.#large.get(frame);
      if (state === "done") this.#reuse(frame);
      else if (state === "held") this.#large.set(frame, "sent");
    }
  }

  /** Those from this number on, to be sent again; their memory is left to another channel. */
  from(count: number): readonly Uint8Array[] {
    this.acknowledged(count);
    this.#large.clear();
    return this.#frames.slice(this.#at);
  }

  #drop(): void {
    const frame = this.#frames[this.#at];
    if (!frame) return;
    this.#at += 1;
    this.#first += 1;
    this.#bytes -= frame.length;
    if (this.#at === this.#frames.length || this.#at >= COMPACT_FROM) {
      this.#frames = this.#frames.slice(this.#at);
      this.#at = 0;
    }
    if (frame.length < MIN_POOLED_BYTES) return;
    const state = this.#large.get(frame);
    if (state === "sent") this.#reuse(frame);
    else if (state === "held") this.#large.set(frame, "done");
  }

  #reuse(frame: Uint8Array): void {
    this.#large.delete(frame);
    this.#free(frame);
  }
}

/** So many places of frames that are gone may lie before the others. */
const COMPACT_FROM = 256;
