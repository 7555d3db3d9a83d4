import { SealwireError } from "../core/model/errors.ts";

/** Chunks below this size are gathered while a frame is unfinished: see `#gather`. */
const SMALL_CHUNK_BYTES = 512;
const FIRST_GATHER_BYTES = 4_096;
const LARGEST_GATHER_BYTES = 65_536;

/**
 * Received bytes in order, waiting to be taken in pieces of another size.
 *
 * What lies inside one chunk is handed out as a view of it; only what spans chunks is copied, and
 * every byte at most twice, however finely the peer cuts. Chunks pushed belong to the queue.
 */
export class ByteQueue {
  #chunks: Uint8Array[] = [];
  /** Index of the first chunk that is not used up, so that taking does not shift the array. */
  #first = 0;
  #offset = 0;
  #length = 0;
  #gathered: Uint8Array | undefined;
  #gatheredBytes = 0;

  /** How many bytes wait. */
  get length(): number {
    return this.#length;
  }

  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    if (this.#length > 0 && chunk.length < SMALL_CHUNK_BYTES) this.#gather(chunk);
    else this.#append(chunk);
    this.#length += chunk.length;
  }

  /**
   * The byte at an index, without making a view: for headers.
   *
   * @throws `INTERNAL` when fewer bytes wait.
   */
  byteAt(index: number): number {
    this.#require(index + 1);
    let at = index + this.#offset;
    for (let i = this.#first; i < this.#chunks.length; i++) {
      const chunk = this.#chunks[i];
      if (chunk === undefined) break;
      if (at < chunk.length) return chunk[at] ?? 0;
      at -= chunk.length;
    }
    return 0;
  }

  /**
   * The next bytes, left in the queue. Copies when they span chunks, so ask for a head, not for
   * everything again and again.
   *
   * @throws `INTERNAL` when fewer bytes wait.
   */
  peek(count: number): Uint8Array {
    this.#require(count);
    const chunk = this.#chunks[this.#first];
    if (chunk === undefined) return new Uint8Array(0);
    const end = this.#offset + count;
    return end <= chunk.length ? chunk.subarray(this.#offset, end) : this.#join(count);
  }

  /**
   * The next bytes, removed from the queue.
   *
   * @throws `INTERNAL` when fewer bytes wait.
   */
  take(count: number): Uint8Array {
    const taken = this.peek(count);
    this.skip(count);
    return taken;
  }

  /**
   * Drops the next bytes.
   *
   * @throws `INTERNAL` when fewer bytes wait.
   */
  skip(count: number): void {
    this.#require(count);
    this.#length -= count;
    let left = count + this.#offset;
    while (this.#first < this.#chunks.length) {
      const size = this.#chunks[this.#first]?.length ?? 0;
      if (left < size) break;
      left -= size;
      this.#first += 1;
    }
    this.#offset = left;
    this.#forgetUsed();
  }

  #require(count: number): void {
    if (Number.isInteger(count) && count >= 0 && count <= this.#length) return;
    throw new SealwireError("INTERNAL", `asked for ${count} bytes of ${this.#length} waiting`);
  }

  #append(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#gathered = undefined;
  }

  /**
   * A peer that sends one byte at a time would otherwise cost us an object and an array slot for
   * each byte of a frame: a hundred times what it sent.
   */
  #gather(chunk: Uint8Array): void {
    const used = this.#gatheredBytes;
    if (this.#gathered === undefined || used + chunk.length > this.#gathered.length) {
      const size = Math.min(Math.max(this.#length, FIRST_GATHER_BYTES), LARGEST_GATHER_BYTES);
      this.#gathered = new Uint8Array(size);
      this.#gathered.set(chunk);
      this.#gatheredBytes = chunk.length;
      this.#chunks.push(this.#gathered.subarray(0, chunk.length));
      return;
    }
    this.#gathered.set(chunk, used);
    const last = this.#chunks[this.#chunks.length - 1];
    const begin = used - (last?.length ?? 0);
    this.#gatheredBytes = used + chunk.length;
    this.#chunks[this.#chunks.length - 1] = this.#gathered.subarray(begin, this.#gatheredBytes);
  }

  #join(count: number): Uint8Array {
    const joined = new Uint8Array(count);
    let filled = 0;
    let begin = this.#offset;
    for (let i = this.#first; filled < count; i++) {
      const chunk = this.#chunks[i];
      if (chunk === undefined) break;
      const piece = chunk.subarray(begin, begin + count - filled);
      joined.set(piece, filled);
      filled += piece.length;
      begin = 0;
    }
    return joined;
  }

  #forgetUsed(): void {
    if (this.#length === 0) {
      this.#chunks = [];
      this.#first = 0;
      this.#offset = 0;
      this.#gathered = undefined;
    } else if (this.#first > 32 && this.#first * 2 > this.#chunks.length) {
      this.#chunks = this.#chunks.slice(this.#first);
      this.#first = 0;
    }
  }
}
