/** Repeats that are allowed before any call has been made. */
const INITIAL = 10;
/** Repeats that each new call earns. */
const EARNED = 0.1;
const MOST = 100;

/**
 * Limits repeats to about a tenth of all calls, so that a server in trouble is not buried under
 * the repeats of its clients.
 */
export class RetryBudget {
  #left = INITIAL;

  /** A new call was made. */
  earn(): void {
    if (this.#left < MOST) this.#left += EARNED;
  }

  /** Whether a repeat may be made now; if so it is counted. */
  spend(): boolean {
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
