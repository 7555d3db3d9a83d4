import type { Clock } from "../contracts/clock.ts";

/** Deadlines closer together than this are noticed together. */
const GRAIN_MS = 5;

/** A table of calls with deadlines. */
export interface Sweepable {
  /** Ends what is due and returns the earliest deadline that is left, or infinity. */
  sweep(now: number): number;
}

/**
 * One timer for all the deadlines of a table. A call costs one comparison; when the timer rings,
 * the table is swept for what is due.
 */
export class Deadlines {
  readonly #clock: Clock;
  readonly #table: Sweepable;
  #next = Number.POSITIVE_INFINITY;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, table: Sweepable) {
    this.#clock = clock;
    this.#table = table;
  }

  /** Notices a deadline, in milliseconds since the epoch. */
  add(deadline: number): void {
    if (deadline >= this.#next) return;
    this.#arm(deadline);
  }

  /** Rings no more, whatever is added. */
  close(): void {
    this.#cancel?.();
    this.#next = Number.NEGATIVE_INFINITY;
  }

  #arm(deadline: number): void {
    this.#cancel?.();
    this.#next = deadline;
    const waitMs = Math.max(GRAIN_MS, deadline - this.#clock.now());
    // Timers of the platforms overflow beyond 2^31 - 1 ms and would ring at once.
    this.#cancel = this.#clock.after(Math.min(waitMs, 2_147_483_647), () => this.#ring());
  }

  #ring(): void {
    this.#next = Number.POSITIVE_INFINITY;
    const earliest = this.#table.sweep(this.#clock.now());
    if (earliest !== Number.POSITIVE_INFINITY && earliest < this.#next) this.#arm(earliest);
  }
}
