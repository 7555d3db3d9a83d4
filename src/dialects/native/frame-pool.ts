/** Smaller frames are cheaper to make than to keep. */
export const MIN_POOLED_BYTES = 16_384;
/** What one pool keeps at most, whatever the number of connections that share it. */
const MAX_KEPT_BYTES = 16_777_216;

/**
 * Memory of large frames that have left, for the next ones: making a fresh megabyte costs more
 * than sealing it, because the system has to bring in and clear its pages. One for all connections
 * of a dialect: one for each would keep megabytes for thousands that are idle. It holds only what
 * was sealed, and whoever takes memory overwrites the whole of it.
 */
export class FramePool {
  readonly #kept: ArrayBuffer[] = [];
  #bytes = 0;

  /** Memory for a frame; what it held before must be overwritten. */
  take(length: number): Uint8Array {
    if (length < MIN_POOLED_BYTES) return new Uint8Array(length);
    const size = sizeFor(length);
    const at = this.#kept.findLastIndex((buffer) => buffer.byteLength === size);
    const [buffer] = at < 0 ? [] : this.#kept.splice(at, 1);
    if (buffer) this.#bytes -= size;
    return new Uint8Array(buffer ?? new ArrayBuffer(size), 0, length);
  }

  /** A frame that nobody reads any more. */
  give(frame: Uint8Array): void {
    const { buffer } = frame;
    if (frame.length < MIN_POOLED_BYTES || !(buffer instanceof ArrayBuffer)) return;
    if (this.#bytes + buffer.byteLength > MAX_KEPT_BYTES) return;
    this.#bytes += buffer.byteLength;
    this.#kept.push(buffer);
  }
}

/** The next multiple of an eighth of the next power of two: at most 14 % are wasted. */
function sizeFor(length: number): number {
  const step = 2 ** Math.max(0, Math.ceil(Math.log2(length)) - 3);
  return Math.ceil(length / step) * step;
}
