import type { Clock } from "../../core/contracts/clock.ts";
import { LEAST_ROOM_BYTES, type UdxLanding } from "./udx-landing.ts";

/** What a landing works with, and whom it tells. */
export interface LandingOptions {
  readonly clock: Clock;
  /** Looks at all that has come and was not used before; says how many bytes it uses now. */
  readonly take: (come: Uint8Array) => number;
  /** How many bytes `take` must see before it can use any. */
  readonly needed: () => number;
}

/**
 * Memory in which what udx receives comes to stand in one piece: packet behind packet, as udx copies
 * them anyway. To be told of each packet costs more than the packet, and of half a piece nothing can
 * be made; so where a whole piece is due, udx is asked to tell once it is there. How far something has
 * come would then be unknown meanwhile, and a slow path would look dead. So what is waited for is
 * never more than what has come in the last moments.
 */
export class Landing implements UdxLanding {
  readonly #options: LandingOptions;
  #memory = memory(BLOCK_BYTES);
  /** What is not used begins here, */
  #begin = 0;
  /** and ends here. */
  #end = 0;
  #pace = { sinceMs: 0, bytes: 0, bytesBefore: 0 };

  constructor(options: LandingOptions) {
    this.#options = options;
  }

  get room(): Uint8Array {
    const waiting = this.#end - this.#begin;
    const due = Math.max(1, this.#options.needed() - waiting);
    if (this.#memory.length - this.#end < due + LEAST_ROOM_BYTES) this.#moveOn(due);
    const ahead = Math.min(due, Math.max(1, this.#pace.bytes, this.#pace.bytesBefore));
    return this.#memory.subarray(this.#end, this.#end + ahead - 1 + LEAST_ROOM_BYTES);
  }

  landed(bytes: number): void {
    this.#measure(bytes);
    this.#end += bytes;
    this.#begin += this.#options.take(this.#memory.subarray(this.#begin, this.#end));
  }

  /** What was used belongs to whoever has it; the rest goes on in other memory. */
  #moveOn(due: number): void {
    const rest = this.#memory.subarray(this.#begin, this.#end);
    this.#memory = memory(Math.max(BLOCK_BYTES, rest.length + due + LEAST_ROOM_BYTES));
    this.#memory.set(rest);
    this.#begin = 0;
    this.#end = rest.length;
  }

  #measure(bytes: number): void {
    const nowMs = this.#options.clock.now();
    const { sinceMs, bytes: before } = this.#pace;
    const tookMs = nowMs - sinceMs;
    if (tookMs >= MOMENT_MS) {
      const bytesBefore = tookMs < 2 * MOMENT_MS ? before : 0;
      this.#pace = { sinceMs: nowMs, bytes: 0, bytesBefore };
    }
    this.#pace.bytes += bytes;
  }
}

/** Not cleared, as all of it that anybody sees was written. No `Buffer`, whose `slice` is a view. */
function memory(bytes: number): Uint8Array {
  return new Uint8Array(Buffer.allocUnsafeSlow(bytes).buffer);
}

/** For many small pieces. */
const BLOCK_BYTES = 16_384;
const MOMENT_MS = 20;
