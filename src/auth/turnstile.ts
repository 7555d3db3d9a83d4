import { SealwireError } from "../core/model/errors.ts";

/**
 * Lets expensive work through a few at a time, so that many at once cannot take all of the
 * processor and memory.
 */
export class Turnstile {
  readonly #maxRunning: number;
  readonly #maxWaiting: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(limits: { readonly maxRunning: number; readonly maxWaiting: number }) {
    this.#maxRunning = limits.maxRunning;
    this.#maxWaiting = limits.maxWaiting;
  }

  /** @throws `RATE_LIMITED` at once when too many are waiting already */
  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    await this.#enter();
    try {
      return await work();
    } finally {
      this.#leave();
    }
  }

  async #enter(): Promise<void> {
    if (this.#running < this.#maxRunning) {
      this.#running++;
      return;
    }
    if (this.#waiting.length >= this.#maxWaiting) {
      throw new SealwireError("RATE_LIMITED", "too many are logging in right now; try again soon");
    }
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** A place that becomes free passes to who waits longest, without being free in between. */
  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#running--;
    else next();
  }
}

/** For stretching, which takes a tenth of a second and 32 MiB each. */
export const STRETCHING_LIMITS: { readonly maxRunning: number; readonly maxWaiting: number } =
  Object.freeze({ maxRunning: 2, maxWaiting: 256 });
