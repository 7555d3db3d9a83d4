/**
 * Joins the chunks of one turn of the event loop. udx hands over every packet by itself, in one
 * piece of memory after the other, so neighbours join without a copy; waking a reader for each
 * packet would cost more than the packet.
 */
export class ChunkRuns {
  readonly #take: (run: Uint8Array) => void;
  #buffer: ArrayBufferLike | undefined;
  #begin = 0;
  #end = 0;
  #scheduled = false;

  constructor(take: (run: Uint8Array) => void) {
    this.#take = take;
  }

  add(chunk: Uint8Array): void {
    if (chunk.buffer !== this.#buffer || chunk.byteOffset !== this.#end) {
      this.flush();
      this.#buffer = chunk.buffer;
      this.#begin = chunk.byteOffset;
    }
    this.#end = chunk.byteOffset + chunk.byteLength;
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.flush();
    });
  }

  /** Hands over what is there. */
  flush(): void {
    const buffer = this.#buffer;
    if (buffer === undefined) return;
    this.#buffer = undefined;
    // Not a Buffer: whoever calls `slice` on it wants a copy.
    this.#take(new Uint8Array(buffer, this.#begin, this.#end - this.#begin));
  }
}
