import { crc32 } from "node:zlib";
import { join } from "../../bytes/join.ts";
import { PART_BYTES } from "./part-pool.ts";

/** A header with this bit grants credit, or ends the stream; without, it announces so many bytes. */
export const CREDIT_BIT = 0x8000_0000;
/** The header of a piece. */
export const HEADER_BYTES = 4;
/** A grant says, behind its header, how many bytes of the whole stream the grantor has received. */
export const GRANT_BYTES = 8;
/** The check behind each piece and grant. */
export const CHECK_BYTES = 4;
/** What may be sent before the other side has granted anything. */
export const FIRST_CREDIT_BYTES = 65_536;

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
  readonly #head = new Uint8Array(HEADER_BYTES);
  readonly #fields = new DataView(this.#head.buffer);
  #verified = 0;
  #headBytes = 0;
  #remaining = 0;
  #held: Uint8Array[] = [];
  #heldBytes = 0;

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
    return this.#verified + this.#headBytes + this.#heldBytes;
  }

  /** The stream begins anew behind what is verified. */
  restart(): void {
    this.#headBytes = 0;
    this.#remaining = 0;
    this.#held = [];
    this.#heldBytes = 0;
  }

  /** Says whether all is well; otherwise it was not sent so, and what follows is of no use. */
  push(chunk: Uint8Array): boolean {
    for (let at = 0; at < chunk.length; ) {
      if (this.#headBytes < HEADER_BYTES) {
        this.#head[this.#headBytes++] = chunk[at++] ?? 0;
        if (this.#headBytes === HEADER_BYTES && !this.#begin()) return false;
      } else {
        const part = chunk.subarray(at, at + this.#remaining);
        this.#held.push(part);
        this.#heldBytes += part.length;
        this.#remaining -= part.length;
        at += part.length;
        if (this.#remaining === 0 && !this.#finish()) return false;
      }
    }
    return true;
  }

  #begin(): boolean {
    const header = this.#fields.getUint32(0);
    const length = header < CREDIT_BIT ? header : GRANT_BYTES;
    this.#remaining = length + CHECK_BYTES;
    return length > 0 && length <= PART_BYTES;
  }

  #finish(): boolean {
    let check = crc32(this.#head, firstCheck(this.#seed, this.#verified));
    for (const part of this.#held) check = crc32(part, check);
    if (check !== RESIDUE) return false;
    const body = withoutCheck(this.#held);
    const header = this.#fields.getUint32(0);
    this.#verified += pieceBytes(header < CREDIT_BIT ? header : GRANT_BYTES);
    this.restart();
    this.#hand(header, body);
    return true;
  }

  #hand(header: number, body: readonly Uint8Array[]): void {
    if (header < CREDIT_BIT) for (const part of body) this.#take.data(part);
    else if (header === CREDIT_BIT) this.#take.end();
    else {
      const received = new DataView(join(body).buffer).getBigUint64(0);
      this.#take.credit(header - CREDIT_BIT, Number(received));
    }
  }
}

/** How long a piece is with all that belongs to it. */
export function pieceBytes(length: number): number {
  return HEADER_BYTES + length + CHECK_BYTES;
}

/** Ends a piece that begins at this place of the stream, in its last four bytes. */
export function seal(piece: Uint8Array, seed: number, place: number): void {
  const end = piece.length - CHECK_BYTES;
  const check = crc32(piece.subarray(0, end), firstCheck(seed, place));
  new DataView(piece.buffer, piece.byteOffset).setUint32(end, check, true);
}

/** The place is part of the check: a piece elsewhere in the stream is not the same piece. */
function firstCheck(seed: number, place: number): number {
  return (seed + (place % 2 ** 32)) >>> 0;
}

function withoutCheck(parts: readonly Uint8Array[]): Uint8Array[] {
  const body = [...parts];
  for (let left = CHECK_BYTES; left > 0; ) {
    const last = body.pop();
    if (last === undefined) break;
    if (last.length > left) body.push(last.subarray(0, last.length - left));
    left -= last.length;
  }
  return body;
}

/** What CRC-32 gives for anything that is followed by its own CRC, lowest byte first. */
const RESIDUE = 0x2144_df1c;
