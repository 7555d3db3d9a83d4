import {
  CREDIT_BIT,
  GRANT_BYTES,
  HEADER_BYTES,
  isGenuine,
  MOST_PIECE_BYTES,
  pieceBytes,
} from "./piece.ts";

/** Who takes what an `Inflow` finds. */
export interface InflowTaker {
  data(bytes: Uint8Array): void;
  /** So many bytes more may be sent; so many of the whole stream have arrived. */
  credit(bytes: number, received: number): void;
  /** Nothing more comes. */
  end(): void;
}

/**
 * Takes a received stream apart: pieces of data, each behind its length, and grants of credit
 * among them. udx delivers whatever arrives, however slow its reader is; credit is what makes a
 * sender wait. It also delivers what was damaged on the way under a checksum that fits, and whole
 * packets at a wrong place if it was their header. So each piece ends with a check of itself and
 * of its place, and waits until that has come.
 */
export class Inflow {
  readonly #seed: number;
  readonly #take: InflowTaker;
  #verified = 0;
  #waiting = 0;
  #needed = HEADER_BYTES;

  /** What goes into the checks, the same at the side that sends. */
  constructor(seed: number, take: InflowTaker) {
    this.#seed = seed;
    this.#take = take;
  }

  /** How many bytes of the whole stream have come as they were sent. */
  get verified(): number {
    return this.#verified;
  }

  /** How many have come in all, as they were sent or not. */
  get arrived(): number {
    return this.#verified + this.#waiting;
  }

  /** How many bytes must be there before any can be used. */
  get needed(): number {
    return this.#needed;
  }

  /** The stream begins anew behind what is verified. */
  restart(): void {
    this.#waiting = 0;
    this.#needed = HEADER_BYTES;
  }

  /**
   * Uses the whole pieces at the beginning of what has come, and says how many bytes that were; the
   * rest is shown again with more behind it. `undefined`: it was not sent so, and what follows is of
   * no use.
   */
  push(come: Uint8Array): number | undefined {
    const fields = new DataView(come.buffer, come.byteOffset, come.length);
    let used = 0;
    for (;;) {
      this.#waiting = come.length - used;
      this.#needed = HEADER_BYTES;
      if (this.#waiting < HEADER_BYTES) return used;
      const header = fields.getUint32(used);
      const length = header < CREDIT_BIT ? header : GRANT_BYTES;
      if (length === 0 || length > MOST_PIECE_BYTES) return undefined;
      this.#needed = pieceBytes(length);
      if (this.#waiting < this.#needed) return used;
      const piece = come.subarray(used, used + this.#needed);
      if (!isGenuine(piece, this.#seed, this.#verified)) return undefined;
      this.#verified += piece.length;
      used += piece.length;
      this.#hand(header, piece.subarray(HEADER_BYTES, HEADER_BYTES + length));
    }
  }

  #hand(header: number, body: Uint8Array): void {
    if (header < CREDIT_BIT) this.#take.data(body);
    else if (header === CREDIT_BIT) this.#take.end();
    else {
      const received = new DataView(body.buffer, body.byteOffset).getBigUint64(0);
      this.#take.credit(header - CREDIT_BIT, Number(received));
    }
  }
}
