import { SealwireError } from "../core/model/errors.ts";

/** How a `Writer` takes memory. */
export interface WriterOptions {
  /**
   * Memory taken at first; it doubles when it is full.
   *
   * @default 64
   */
  readonly initialBytes?: number;
  /**
   * More than this is refused with `TOO_LARGE`.
   *
   * @default 16_777_216
   */
  readonly maxBytes?: number;
}

/**
 * Writes big-endian fields one after the other. Every method but `finish` returns the writer.
 *
 * @example
 * const header = new Writer().uint8(1).uint32(body.length).finish();
 */
export class Writer {
  readonly #maxBytes: number;
  #bytes: Uint8Array;
  #view: DataView;
  #length = 0;

  constructor({ initialBytes = 64, maxBytes = 16_777_216 }: WriterOptions = {}) {
    this.#maxBytes = maxBytes;
    this.#bytes = new Uint8Array(Math.min(initialBytes, maxBytes));
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** How many bytes have been written. */
  get length(): number {
    return this.#length;
  }

  /**
   * @throws `INVALID_ARGUMENT` for a value that does not fit, `TOO_LARGE` beyond `maxBytes`; so do
   * all writes below.
   */
  uint8(value: number): this {
    checkRange(value, 0xff);
    const at = this.#grow(1);
    this.#view.setUint8(at, value);
    return this;
  }

  uint16(value: number): this {
    checkRange(value, 0xffff);
    const at = this.#grow(2);
    this.#view.setUint16(at, value);
    return this;
  }

  uint32(value: number): this {
    checkRange(value, 0xffff_ffff);
    const at = this.#grow(4);
    this.#view.setUint32(at, value);
    return this;
  }

  uint64(value: bigint): this {
    if (value < 0n || value > 0xffff_ffff_ffff_ffffn) throw outOfRange(value, "2^64 - 1");
    const at = this.#grow(8);
    this.#view.setBigUint64(at, value);
    return this;
  }

  /** Copies the bytes as they are. */
  bytes(bytes: Uint8Array): this {
    const at = this.#grow(bytes.length);
    this.#bytes.set(bytes, at);
    return this;
  }

  /** What has been written, as a view; writing on does not change it. */
  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #grow(count: number): number {
    const begin = this.#length;
    const end = begin + count;
    if (end > this.#maxBytes) {
      throw new SealwireError("TOO_LARGE", `${end} bytes to write; at most ${this.#maxBytes}`);
    }
    if (end > this.#bytes.length) this.#move(end);
    this.#length = end;
    return begin;
  }

  #move(neededBytes: number): void {
    const size = Math.min(Math.max(neededBytes, this.#bytes.length * 2), this.#maxBytes);
    const larger = new Uint8Array(size);
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}

function checkRange(value: number, largest: number): void {
  if (!Number.isInteger(value) || value < 0 || value > largest) throw outOfRange(value, largest);
}

function outOfRange(value: number | bigint, largest: number | string): SealwireError {
  const message = `${value} does not fit its field; expected an integer from 0 to ${largest}`;
  return new SealwireError("INVALID_ARGUMENT", message);
}
