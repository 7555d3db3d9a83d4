import { Gate } from "../../core/engine/gate.ts";
import type { Flight } from "./flight.ts";
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

/** What an outflow is made of. */
export interface OutflowOptions {
  readonly pool: PartPool;
  /** Goes into the checks, as at the side that receives. */
  readonly seed: number;
  /** Hands bytes to udx; says whether it has room for more. */
  readonly put: (bytes: Uint8Array) => boolean;
  /** Says how many bytes may leave now; after none, `goOn` is called. */
  readonly flight: Pick<Flight, "allowance" | "sent">;
}

/**
 * The sending half of a stream: what is written waits here for credit and for room in udx. The
 * bytes are copied when they leave, because udx would keep them until they are acknowledged.
 */
export class Outflow {
  readonly #options: OutflowOptions;
  readonly #gate = new Gate();
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #credit = FIRST_CREDIT_BYTES;
  #room = true;
  /** How long the stream is so far. */
  #place = 0;
  #atEnd: (() => void) | undefined;

  constructor(options: OutflowOptions) {
    this.#options = options;
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

  /** More may leave. */
  goOn(): void {
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
      const { flight } = this.#options;
      const allowed = flight.allowance();
      if (allowed === 0) break;
      const part = this.#nextPart(allowed);
      flight.sent(part.length);
      this.#room = this.#send(part);
    }
    this.#dropEmpty();
    if (this.#waiting.length > 0) return;
    if (this.#room) this.#gate.open();
    this.#atEnd?.();
    this.#atEnd = undefined;
  }

  #send(piece: Uint8Array): boolean {
    const { seed, put } = this.#options;
    seal(piece, seed, this.#place);
    this.#place += piece.length;
    return put(piece);
  }

  #nextPart(allowed: number): Uint8Array {
    const most = Math.min(allowed, PART_BYTES - pieceBytes(0));
    const length = Math.min(this.#waitingBytes, this.#credit, Math.floor(most));
    const part = this.#options.pool.take(pieceBytes(length));
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
