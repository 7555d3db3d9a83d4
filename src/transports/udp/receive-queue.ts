import { SealwireError } from "../../core/model/errors.ts";

/** Pieces up to this length are gathered, so that a byte does not cost an object. */
const SMALL_BYTES = 1_024;
const BLOCK_BYTES = 16_384;

/**
 * Where received bytes wait for one reader. Small pieces that wait are gathered into blocks, so
 * that what waits takes about the memory of its bytes, however it was cut.
 */
export class ReceiveQueue implements AsyncIterator<Uint8Array> {
  readonly #onTaken: (bytes: number) => void;
  #items: (Uint8Array | Block)[] = [];
  #reader: Reader | undefined;
  #end: { readonly error: Error | undefined } | undefined;

  /** `onTaken` is told how many bytes the reader has taken. */
  constructor(onTaken: (bytes: number) => void) {
    this.#onTaken = onTaken;
  }

  /** Whether the end has been said; waiting bytes may be left. */
  get ended(): boolean {
    return this.#end !== undefined;
  }

  /** Takes a piece for ever. After the end it counts as taken. */
  put(piece: Uint8Array): void {
    const reader = this.#reader;
    if (this.#end !== undefined) this.#onTaken(piece.length);
    else if (reader === undefined) this.#keep(piece);
    else {
      this.#reader = undefined;
      reader.resolve({ done: false, value: piece });
      this.#onTaken(piece.length);
    }
  }

  /** The reader gets what waits, then the end, or the error. Only once. */
  end(error?: Error): void {
    if (this.#end !== undefined) return;
    this.#end = { error };
    const reader = this.#reader;
    this.#reader = undefined;
    if (error === undefined) reader?.resolve({ done: true, value: undefined });
    else reader?.reject(error);
  }

  /** What waits counts as taken. */
  drop(): void {
    for (const item of this.#items.splice(0)) this.#onTaken(lengthOf(item));
  }

  next(): Promise<IteratorResult<Uint8Array>> {
    const item = this.#items.shift();
    if (item !== undefined) {
      this.#onTaken(lengthOf(item));
      return Promise.resolve({ done: false, value: bytesOf(item) });
    }
    if (this.#end?.error !== undefined) return Promise.reject(this.#end.error);
    if (this.#end !== undefined) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => {
      if (this.#reader === undefined) this.#reader = { resolve, reject };
      else reject(new SealwireError("INTERNAL", "a channel was read twice at the same time"));
    });
  }

  return(): Promise<IteratorResult<Uint8Array>> {
    this.end();
    this.drop();
    return Promise.resolve({ done: true, value: undefined });
  }

  #keep(piece: Uint8Array): void {
    if (piece.length > SMALL_BYTES) this.#items.push(piece);
    else this.#lastBlock(piece.length).take(piece);
  }

  #lastBlock(room: number): Block {
    const last = this.#items.at(-1);
    if (last instanceof Block && last.room >= room) return last;
    const block = new Block();
    this.#items.push(block);
    return block;
  }
}

interface Reader {
  readonly resolve: (result: IteratorResult<Uint8Array>) => void;
  readonly reject: (error: Error) => void;
}

/** Small pieces in one piece of memory, which doubles up to its limit. */
class Block {
  #bytes = new Uint8Array(SMALL_BYTES);
  #filled = 0;

  get room(): number {
    return BLOCK_BYTES - this.#filled;
  }

  get filled(): Uint8Array {
    return this.#bytes.subarray(0, this.#filled);
  }

  take(piece: Uint8Array): void {
    const needed = this.#filled + piece.length;
    if (needed > this.#bytes.length) {
      const larger = new Uint8Array(Math.min(BLOCK_BYTES, 2 * needed));
      larger.set(this.filled);
      this.#bytes = larger;
    }
    this.#bytes.set(piece, this.#filled);
    this.#filled = needed;
  }
}

function bytesOf(item: Uint8Array | Block): Uint8Array {
  return item instanceof Block ? item.filled : item;
}

function lengthOf(item: Uint8Array | Block): number {
  return bytesOf(item).length;
}
