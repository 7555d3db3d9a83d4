import { brokenStream } from "./failures.ts";

/** A header with this bit grants credit; without, it announces so many bytes. */
export const CREDIT_BIT = 0x8000_0000;
/** The header of a piece, and the whole of a grant. */
export const HEADER_BYTES = 4;
/** What may be sent before the other side has granted anything. */
export const FIRST_CREDIT_BYTES = 65_536;

/** Who takes what an `Inflow` finds. */
export interface InflowTaker {
  data(bytes: Uint8Array): void;
  credit(bytes: number): void;
}

/**
 * Takes a received stream apart: pieces of data, each behind its length, and grants of credit
 * among them. udx delivers whatever arrives, however slow its reader is; credit is what makes a
 * sender wait.
 */
export class Inflow {
  readonly #take: InflowTaker;
  #header = 0;
  #headerBytes = 0;
  #remaining = 0;

  constructor(take: InflowTaker) {
    this.#take = take;
  }

  /** Whether the stream may end here. */
  get whole(): boolean {
    return this.#remaining === 0 && this.#headerBytes === 0;
  }

  /** @throws `PROTOCOL_VIOLATION` for an empty piece or grant */
  push(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length; ) {
      if (this.#remaining > 0) at += this.#takeData(chunk, at);
      else this.#takeHeaderByte(chunk[at++] ?? 0);
    }
  }

  #takeData(chunk: Uint8Array, at: number): number {
    const length = Math.min(this.#remaining, chunk.length - at);
    this.#remaining -= length;
    this.#take.data(chunk.subarray(at, at + length));
    return length;
  }

  #takeHeaderByte(byte: number): void {
    this.#header = this.#header * 256 + byte;
    this.#headerBytes += 1;
    if (this.#headerBytes < HEADER_BYTES) return;
    const header = this.#header;
    this.#header = 0;
    this.#headerBytes = 0;
    if (header % CREDIT_BIT === 0) throw brokenStream("an empty piece");
    if (header >= CREDIT_BIT) this.#take.credit(header - CREDIT_BIT);
    else this.#remaining = header;
  }
}
