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
    const last = lastToGo(chunks);
    if (last < 0) release?.();
    for (const [at, bytes] of chunks.entries()) {
      if (bytes.length === 0) continue;
      const isLarge = bytes.length >= LARGE_BYTES;
      this.#chunks.push({ bytes, isLarge, release: at === last ? release : undefined });
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

/** Small chunks are copied when they leave, so a large one before them is needed for longer. */
function lastToGo(chunks: readonly Uint8Array[]): number {
  const lastLarge = chunks.findLastIndex(({ length }) => length >= LARGE_BYTES);
  return lastLarge < 0 ? chunks.findLastIndex(({ length }) => length > 0) : lastLarge;
}
