/**
 * Knows control packets again. The wire has no number for them, so a recorded `FIN` or `ACK` would
 * work again; data is guarded by its own number.
 *
 * Remembers the nonces of the last ones. What is so old that its nonce may have been forgotten is
 * refused by its time, which the sender's clock has put inside.
 */
export class ReplayGuard {
  readonly #seen = new Map<string, number>();
  readonly #maxRemembered: number;
  #forgottenTime = Number.NEGATIVE_INFINITY;
  #newestTime = Number.NEGATIVE_INFINITY;

  constructor(maxRemembered = 4_096) {
    this.#maxRemembered = maxRemembered;
  }

  /** Whether this control packet is here for the first time. */
  fresh(nonce: Uint8Array, time: number): boolean {
    if (time <= this.#forgottenTime || time < this.#newestTime - OLDEST_S) return false;
    const name = Buffer.from(nonce.buffer, nonce.byteOffset, nonce.length).toString("latin1");
    if (this.#seen.has(name)) return false;
    this.#seen.set(name, time);
    this.#newestTime = Math.max(this.#newestTime, time);
    if (this.#seen.size > this.#maxRemembered) this.#forgetOldest();
    return true;
  }

  #forgetOldest(): void {
    for (const [name, time] of this.#seen) {
      this.#seen.delete(name);
      this.#forgottenTime = Math.max(this.#forgottenTime, time);
      return;
    }
  }
}

/** No packet is on its way for longer. */
const OLDEST_S = 60;
