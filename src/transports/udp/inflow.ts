import { PART_BYTES } from "./part-pool.ts";
import {
  type Count,
  CREDIT_BIT,
  GRANT_BYTES,
  HEADER_BYTES,
  isGenuine,
  isSpared,
  parseCount,
  pieceBytes,
  SPARED_BIT,
} from "./piece.ts";

/** Who takes what an `Inflow` finds. */
export interface InflowTaker {
  data(bytes: Uint8Array): void;
  /** So many bytes more may be sent. */
  credit(bytes: number, count: Count): void;
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
  /** Where the last break was. */
  #wholeFrom = 0;
  #hasSpared = false;

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

  /**
   * Whether checks of data may be left out: a path that has brought much without damage is trusted. A
   * reader who does not notice damage himself must not ask.
   */
  get spares(): boolean {
    const spares = this.#verified - this.#wholeFrom >= TRUSTED_BYTES;
    this.#hasSpared ||= spares;
    return spares;
  }

  /** The stream begins anew behind what is verified. */
  restart(): void {
    this.#waiting = 0;
    this.#needed = HEADER_BYTES;
    this.#wholeFrom = this.#verified;
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
      const length = header < CREDIT_BIT ? header % SPARED_BIT : GRANT_BYTES;
      if (length === 0 || length > PART_BYTES) return undefined;
      if (isSpared(header) && !this.#hasSpared) return undefined;
      this.#needed = pieceBytes(length);
      if (this.#waiting < this.#needed) return used;
      const piece = come.subarray(used, used + this.#needed);
      if (!isGenuine(header, piece, this.#verified, this.#seed)) return undefined;
      this.#verified += piece.length;
      used += piece.length;
      this.#hand(header, piece.subarray(HEADER_BYTES, HEADER_BYTES + length));
    }
  }

  #hand(header: number, body: Uint8Array): void {
    if (header < CREDIT_BIT) this.#take.data(body);
    else if (header === CREDIT_BIT) this.#take.end();
    else this.#take.credit(header - CREDIT_BIT, parseCount(body));
  }
}

/** So much without damage makes a path trusted; some ten thousand packets. */
const TRUSTED_BYTES = 16_777_216;
