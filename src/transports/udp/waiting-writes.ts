import { LARGE_BYTES, type Segment } from "./segment.ts";

/** What was written and has not left, in order. */
export class WaitingWrites {
  #chunks: Segment[] = [];
  /** How much of the first chunk has left. */
  #sent = 0;
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  /** `release` is told when none of the chunks is needed any more. */
  push(chunks: readonly Uint8Array[], release: (() => void) | undefined): void {
    const filled = chunks.filter(({ length }) => length > 0);
    if (filled.length === 0) release?.();
    const done = release && afterAll(filled.length, release);
    for (const bytes of filled) {
      this.#chunks.push({ bytes, isLarge: bytes.length >= LARGE_BYTES, release: done });
      this.#bytes += bytes.length;
    }
  }

  /** Takes the next so many bytes out. A chunk is released with its last byte. */
  take(length: number): Segment[] {
    const taken: Segment[] = [];
    this.#bytes -= length;
    for (let left = length; left > 0; ) {
      const first = this.#chunks[0];
      if (first === undefined) break;
      const bytes = first.bytes.subarray(this.#sent, this.#sent + left);
      left -= bytes.length;
      this.#sent += bytes.length;
      const isWhole = this.#sent === first.bytes.length;
      taken.push(isWhole ? { ...first, bytes } : { bytes, isLarge: first.isLarge === true });
      if (!isWhole) break;
      this.#chunks.shift();
      this.#sent = 0;
    }
    return taken;
  }

  /** Nothing of it will leave. */
  drop(): void {
    const dropped = this.#chunks;
    this.#chunks = [];
    this.#bytes = 0;
    for (const { release } of dropped) release?.();
  }
}

/** Small chunks are copied when they leave, large ones are needed for longer: either may be last. */
function afterAll(count: number, told: () => void): () => void {
  let left = count;
  return () => {
    left -= 1;
    if (left === 0) told();
  };
}
