import { LARGE_BYTES } from "./segment.ts";

/** Large writes leave in pieces of at most this size, so that a grant never waits behind megabytes. */
export const PART_BYTES = 98_304;
/** What one pool keeps at most, whatever the number of channels that share it. */
const MAX_KEPT_BYTES = 8_388_608;

/**
 * Memory of parts that have arrived, for the next ones: fresh memory for every part keeps the
 * garbage collector busy for longer than sealing takes. udx may still send from it once more, but
 * only what the peer already has and drops.
 */
export class PartPool {
  readonly #kept: ArrayBuffer[] = [];

  /** Memory for a part; what it held before must be overwritten. */
  take(length: number): Uint8Array {
    if (length < LARGE_BYTES || length > PART_BYTES) return new Uint8Array(length);
    return new Uint8Array(this.#kept.pop() ?? new ArrayBuffer(PART_BYTES), 0, length);
  }

  /** A part that nobody needs any more. */
  give({ buffer }: Uint8Array): void {
    if (!(buffer instanceof ArrayBuffer) || buffer.byteLength !== PART_BYTES) return;
    if ((this.#kept.length + 1) * PART_BYTES <= MAX_KEPT_BYTES) this.#kept.push(buffer);
  }
}
