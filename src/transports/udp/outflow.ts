import { Gate } from "../../core/engine/gate.ts";
import { CREDIT_BIT, FIRST_CREDIT_BYTES, GRANT_BYTES, HEADER_BYTES } from "./inflow.ts";
import { PART_BYTES, type PartPool } from "./part-pool.ts";

/**
 * The sending half of a stream: what is written waits here for credit and for room in udx. The
 * bytes are copied when they leave, because udx would keep them until they are acknowledged.
 */
export class Outflow {
  readonly #pool: PartPool;
  readonly #put: (bytes: Uint8Array) => boolean;
  readonly #gate = new Gate();
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #credit = FIRST_CREDIT_BYTES;
  #room = true;
  #atEnd: (() => void) | undefined;

  /** `put` hands bytes to udx and says whether it has room for more. */
  constructor(pool: PartPool, put: (bytes: Uint8Array) => boolean) {
    this.#pool = pool;
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
    const frame = new Uint8Array(GRANT_BYTES);
    const fields = new DataView(frame.buffer);
    fields.setUint32(0, CREDIT_BIT + bytes);
    fields.setBigUint64(4, BigInt(received));
    if (!this.#put(frame)) this.#room = false;
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
      this.#room = this.#put(this.#nextPart());
    }
    this.#dropEmpty();
    if (this.#waiting.length > 0) return;
    if (this.#room) this.#gate.open();
    this.#atEnd?.();
    this.#atEnd = undefined;
  }

  #nextPart(): Uint8Array {
    const length = Math.min(this.#waitingBytes, this.#credit, PART_BYTES - HEADER_BYTES);
    const part = this.#pool.take(HEADER_BYTES + length);
    new DataView(part.buffer).setUint32(0, length);
    for (let filled = HEADER_BYTES; filled < part.length; ) filled += this.#copyInto(part, filled);
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
