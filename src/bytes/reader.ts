import { SealwireError } from "../core/model/errors.ts";

/**
 * Reads big-endian fields of bytes that came from outside, one after the other.
 *
 * Every read is checked against the end. Pieces are views of the given bytes, not copies.
 *
 * @example
 * const fields = new Reader(frame);
 * const version = fields.uint8();
 * const key = fields.bytes(32);
 * fields.end();
 */
export class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** How many bytes are left. */
  get remaining(): number {
    return this.#bytes.length - this.#position;
  }

  /** @throws `PROTOCOL_VIOLATION` at the end of the bytes; so do all reads below. */
  uint8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  uint16(): number {
    return this.#view.getUint16(this.#advance(2));
  }

  uint32(): number {
    return this.#view.getUint32(this.#advance(4));
  }

  uint64(): bigint {
    return this.#view.getBigUint64(this.#advance(8));
  }

  /** The next so many bytes, as a view. */
  bytes(count: number): Uint8Array {
    const begin = this.#advance(count);
    return this.#bytes.subarray(begin, begin + count);
  }

  /** All that is left, as a view. */
  rest(): Uint8Array {
    return this.bytes(this.remaining);
  }

  /**
   * Says that nothing may follow.
   *
   * @throws `PROTOCOL_VIOLATION` when bytes are left.
   */
  end(): void {
    if (this.remaining === 0) return;
    const found = `${this.remaining} bytes after the last field at ${this.#position}`;
    throw new SealwireError("PROTOCOL_VIOLATION", `${found}; expected the end`);
  }

  #advance(count: number): number {
    const begin = this.#position;
    if (!Number.isInteger(count) || count < 0 || count > this.remaining) {
      const found = `${this.remaining} bytes are left at ${begin}`;
      throw new SealwireError("PROTOCOL_VIOLATION", `${found}; expected ${count} more`);
    }
    this.#position = begin + count;
    return begin;
  }
}
