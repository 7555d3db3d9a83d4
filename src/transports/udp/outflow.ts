import { Gate } from "../../core/engine/gate.ts";
import type { Flight } from "./flight.ts";
import { PART_BYTES } from "./part-pool.ts";
import {
  type Count,
  CREDIT_BIT,
  FIRST_CREDIT_BYTES,
  formatCount,
  makePiece,
  type PieceOptions,
  pieceBytes,
  SPARED_BIT,
} from "./piece.ts";
import { LARGE_BYTES, type Segment } from "./segment.ts";
import { WaitingWrites } from "./waiting-writes.ts";

/** What an outflow is made of. */
export interface OutflowOptions extends PieceOptions {
  /** Hands a piece to udx; says whether all that udx has is on its way. */
  readonly put: (piece: readonly Segment[]) => boolean;
  /** Says how many bytes may leave now; after none, `goOn` is called. */
  readonly flight: Pick<Flight, "allowance" | "sent">;
}

/** The sending half of a stream: what is written waits here for credit and for room in udx. */
export class Outflow {
  readonly #options: OutflowOptions;
  readonly #gate = new Gate();
  readonly #waiting = new WaitingWrites();
  #credit = FIRST_CREDIT_BYTES;
  /** What udx has that may not be on its way. */
  #handedBytes = 0;
  /** How long the stream is so far. */
  #place = 0;
  #spares = false;
  #atEnd: (() => void) | undefined;

  constructor(options: OutflowOptions) {
    this.#options = options;
  }

  /** As `Channel.write`. */
  write(chunks: readonly Uint8Array[], release?: () => void): Promise<void> | undefined {
    this.#waiting.push(chunks, release);
    this.#pump();
    return this.#waiting.bytes === 0 && this.#hasRoom ? undefined : this.#gate.wait();
  }

  /** The other side takes so many bytes more; large ones without a check if it spares that. */
  grant(bytes: number, spares = false): void {
    this.#spares = spares;
    this.#credit = Math.min(this.#credit + bytes, CREDIT_BIT);
    this.#pump();
  }

  /** All that udx has is on its way. */
  drained(): void {
    this.#handedBytes = 0;
    this.#pump();
  }

  /** More may leave. */
  goOn(): void {
    this.#pump();
  }

  /** Tells the other side that it may send so many bytes more. Does not wait for credit itself. */
  tellCredit(bytes: number, count: Count): void {
    this.#send(CREDIT_BIT + bytes, [{ bytes: formatCount(count) }]);
  }

  /** The last word. */
  tellEnd(received: number): void {
    this.tellCredit(0, { received, spares: false });
  }

  /** Runs once what waits has left. */
  finish(atEnd: () => void): void {
    this.#atEnd = atEnd;
    this.#pump();
  }

  /** Drops what waits and lets everybody go on. */
  stop(): void {
    this.#credit = 0;
    this.#waiting.drop();
    this.#gate.open();
  }

  #pump(): void {
    while (this.#hasRoom && this.#credit > 0 && this.#waiting.bytes > 0) {
      const { flight } = this.#options;
      const allowed = flight.allowance();
      if (allowed === 0) break;
      const most = Math.floor(Math.min(allowed, PART_BYTES - pieceBytes(0)));
      const length = Math.min(this.#waiting.bytes, this.#credit, most);
      this.#credit -= length;
      flight.sent(pieceBytes(length));
      const isSpared = this.#spares && length >= LARGE_BYTES;
      this.#send(isSpared ? SPARED_BIT + length : length, this.#waiting.take(length));
    }
    if (this.#waiting.bytes > 0) return;
    if (this.#hasRoom) this.#gate.open();
    this.#atEnd?.();
    this.#atEnd = undefined;
  }

  /** So much may wait in udx that it is not asked after each piece; a grant waits behind it. */
  get #hasRoom(): boolean {
    return this.#handedBytes < MOST_HANDED_BYTES;
  }

  #send(header: number, body: readonly Segment[]): void {
    const piece = makePiece(header, body, this.#place, this.#options);
    let bytes = 0;
    for (const segment of piece) bytes += segment.bytes.length;
    this.#place += bytes;
    this.#handedBytes = this.#options.put(piece) ? 0 : this.#handedBytes + bytes;
  }
}

/** As much as udx has under way before it stops taking more itself. */
const MOST_HANDED_BYTES = 262_144;
