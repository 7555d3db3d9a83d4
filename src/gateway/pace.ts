import type { Clock } from "../core/contracts/clock.ts";

/**
 * Lets so many units through in a second, and one second's worth at once. Who takes more has to
 * wait until his debt is paid, so nothing is lost.
 */
export class Pace {
  readonly #clock: Clock;
  readonly #perSecond: number;
  #left: number;
  #atMs: number;

  constructor(perSecond: number, clock: Clock) {
    this.#clock = clock;
    this.#perSecond = perSecond;
    this.#left = perSecond;
    this.#atMs = clock.now();
  }

  /** Takes units; the milliseconds until the next may be taken, 0 for now. */
  take(units: number): number {
    if (this.#perSecond === Number.POSITIVE_INFINITY) return 0;
    this.#refill();
    this.#left -= units;
    return this.#left >= 0 ? 0 : Math.ceil((-this.#left / this.#perSecond) * 1_000);
  }

  #refill(): void {
    const now = this.#clock.now();
    const gained = ((now - this.#atMs) / 1_000) * this.#perSecond;
    this.#left = Math.min(this.#perSecond, this.#left + Math.max(0, gained));
    this.#atMs = now;
  }
}
