import { Gate } from "../../core/engine/gate.ts";
import {
  CHECK_BYTES,
  CREDIT_BIT,
  FIRST_CREDIT_BYTES,
  GRANT_BYTES,
  HEADER_BYTES,
  pieceBytes,
  seal,
} from "./inflow.ts";
import { PART_BYTES, type PartPool } from "./part-pool.ts";

/**
 * The sending half of a stream: what is written waits here for credit and for room in udx. The
 * bytes are copied when they leave, because udx would keep them until they are acknowledged.
 */
export class Outflow {
  readonly #pool: PartPool;
  readonly #seed: number;
  readonly #put: (bytes: Uint8Array) => boolean;
  readonly #gate = new Gate();
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #credit = FIRST_CREDIT_BYTES;
  #room = true;
  /** How long the stream is so far. */
  #place = 0;
  #atEnd: (() => void) | undefined;

  /**
   * `put` hands bytes to udx and says whether it has room for more. The seed goes into the checks,
   * as at the side that receives.
   */
  constructor(pool: PartPool, seed: number, put: (bytes: Uint8Array) => boolean) {
    this.#pool = pool;
    this.#seed = seed;
    this.#put = put;
  }

  /** As `Channel.write`. */
  write(chunks: readonly Uint8Array[], release?: () => void): Promise<void> | undefined {
    const last = chunks.length - 1;
    for (const [at, chunk] of chunks.entries()) {
      this.#waitingBytes += chunk.length;
      this.#waiting.push({ chunk, sent: 0, release: at === last ? release : undefined });
    }
    if (last < 0) release?.();
    this.#pump();
    return this.#waiting.length === 0 && this.#room ? undefined : this.#gate.wait();
  }

  /** The other side takes so many bytes more. */
  grant(bytes: number): void {
    this.#credit = Math.min(this.#credit + bytes, CREDIT_BIT);
    this.#pump();
  }

  /** udx has room again. */
  drained(): void {
    this.#room = true;
    this.#pump();
  }

  /**
   * Tells the other side that it may send so many bytes more, and how many of the whole stream
   * have arrived. Does not wait for credit itself.
   */
  tellCredit(bytes: number, received: number): void {
    const grant = new Uint8Array(pieceBytes(GRANT_BYTES));
    const fields = new DataView(grant.buffer);
    fields.setUint32(0, CREDIT_BIT + bytes);
    fields.setBigUint64(HEADER_BYTES, BigInt(received));
    if (!this.#send(grant)) this.#room = false;
  }

  /** The last word. */
  tellEnd(received: number): void {
    this.tellCredit(0, received);
  }

  /** Runs once what waits has left. */
  finish(atEnd: () => void): void {
    this.#atEnd = atEnd;
    this.#pump();
  }

  /** Drops what waits and lets everybody go on. */
  stop(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#credit = 0;
    for (const { release } of waiting) release?.();
    this.#gate.open();
  }

  #pump(): void {
    while (this.#room && this.#credit > 0 && this.#waitingBytes > 0) {
      this.#room = this.#send(this.#nextPart());
    }
    this.#dropEmpty();
    if (this.#waiting.length > 0) return;
    if (this.#room) this.#gate.open();
    this.#atEnd?.();
    this.#atEnd = undefined;
  }

  #send(piece: Uint8Array): boolean {
    seal(piece, this.#seed, this.#place);
    this.#place += piece.length;
    return this.#put(piece);
  }

  #nextPart(): Uint8Array {
    const length = Math.min(this.#waitingBytes, this.#credit, PART_BYTES - pieceBytes(0));
    const part = this.#pool.take(pieceBytes(length));
    new DataView(part.buffer).setUint32(0, length);
    const body = part.subarray(0, part.length - CHECK_BYTES);
    for (let filled = HEADER_BYTES; filled < body.length; ) filled += this.#copyInto(body, filled);
    this.#credit -= length;
    this.#waitingBytes -= length;
    return part;
  }

  #copyInto(part: Uint8Array, at: number): number {
    const first = this.#waiting[0];
    if (first === undefined) return part.length;
    const length = Math.min(first.chunk.length - first.sent, part.length - at);
    part.set(first.chunk.subarray(first.sent, first.sent + length), at);
    first.sent += length;
    if (first.sent === first.chunk.length) {
      this.#waiting.shift();
      first.release?.();
    }
    return length;
  }

  #dropEmpty(): void {
    while (this.#waiting[0]?.chunk.length === this.#waiting[0]?.sent) {
      const first = this.#waiting.shift();
      if (first === undefined) return;
      first.release?.();
    }
  }
}

interface Waiting {
  readonly chunk: Uint8Array;
  sent: number;
  readonly release: (() => void) | undefined;
}
