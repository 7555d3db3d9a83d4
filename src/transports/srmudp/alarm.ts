import type { Clock } from "../../core/contracts/clock.ts";

/** One timer for many reasons to wake: rings at the earliest moment that was asked for. */
export class Alarm {
  readonly #clock: Clock;
  readonly #ring: () => void;
  #atMs = Number.POSITIVE_INFINITY;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock;
    this.#ring = ring;
  }

  /** Rings at this moment at the latest. It may ring too early: who is woken looks at the clock. */
  by(atMs: number): void {
    if (atMs >= this.#atMs) return;
    this.#cancel?.();
    this.#atMs = atMs;
    const waitMs = Math.min(Math.max(0, atMs - this.#clock.now()), LONGEST_WAIT_MS);
    this.#cancel = this.#clock.after(waitMs, () => {
      this.#atMs = Number.POSITIVE_INFINITY;
      this.#cancel = undefined;
      this.#ring();
    });
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#atMs = Number.POSITIVE_INFINITY;
  }
}

/** Beyond, timers of Node fire at once. */
const LONGEST_WAIT_MS = 2_147_483_647;
