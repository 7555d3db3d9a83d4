import { brokenStream } from "./failures.ts";

/** A header with this bit grants credit; without, it announces so many bytes. */
export const CREDIT_BIT = 0x8000_0000;
/** The header of a piece. */
export const HEADER_BYTES = 4;
/** A grant: its header, and how many bytes of the whole stream the grantor has received. */
export const GRANT_BYTES = 12;
/** What may be sent before the other side has granted anything. */
export const FIRST_CREDIT_BYTES = 65_536;

/** Who takes what an `Inflow` finds. */
export interface InflowTaker {
  data(bytes: Uint8Array): void;
  /** So many bytes more may be sent; so many of the whole stream have arrived. */
  credit(bytes: number, received: number): void;
}

/**
 * Takes a received stream apart: pieces of data, each behind its length, and grants of credit
 * among them. udx delivers whatever arrives, however slow its reader is; credit is what makes a
 * sender wait.
 */
export class Inflow {
  readonly #take: InflowTaker;
  readonly #head = new Uint8Array(GRANT_BYTES);
  readonly #fields = new DataView(this.#head.buffer);
  #headBytes = 0;
  #remaining = 0;

  constructor(take: InflowTaker) {
    this.#take = take;
  }

  /** Whether the stream may end here. */
  get whole(): boolean {
    return this.#remaining === 0 && this.#headBytes === 0;
  }

  /** @throws `PROTOCOL_VIOLATION` for an empty piece or grant */
  push(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length; ) {
      if (this.#remaining > 0) at += this.#takeData(chunk, at);
      else this.#takeHeadByte(chunk[at++] ?? 0);
    }
  }

  #takeData(chunk: Uint8Array, at: number): number {
    const length = Math.min(this.#remaining, chunk.length - at);
    this.#remaining -= length;
    this.#take.data(chunk.subarray(at, at + length));
    return length;
  }

  #takeHeadByte(byte: number): void {
    this.#head[this.#headBytes++] = byte;
    if (this.#headBytes < HEADER_BYTES) return;
    const header = this.#fields.getUint32(0);
    if (header % CREDIT_BIT === 0) throw brokenStream("an empty piece");
    if (header < CREDIT_BIT) this.#remaining = header;
    else if (this.#headBytes < GRANT_BYTES) return;
    else this.#take.credit(header - CREDIT_BIT, Number(this.#fields.getBigUint64(4)));
    this.#headBytes = 0;
  }
}
