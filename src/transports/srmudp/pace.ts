/** Lets packets leave evenly: credit grows with time at the rate of the path. */
export class Pace {
  #creditBytes = 0;
  #atMs: number;
  #rate = Number.POSITIVE_INFINITY;

  constructor(nowMs: number) {
    this.#atMs = nowMs;
  }

  /** Whether a packet may leave now. */
  get open(): boolean {
    return this.#creditBytes > 0;
  }

  /** Counts the time that has passed at a rate of so many bytes each millisecond. */
  earn(nowMs: number, rate: number): void {
    const earned = (nowMs - this.#atMs) * rate;
    const most = Math.max(FIRST_BURST_BYTES, rate * BURST_MS);
    this.#rate = rate;
    this.#atMs = nowMs;
    this.#creditBytes = Number.isFinite(rate)
      ? Math.min(most, this.#creditBytes + earned)
      : Number.POSITIVE_INFINITY;
  }

  /** Without headers, as arrivals are counted: otherwise the rate would sink a little each round. */
  spend(bytes: number): void {
    this.#creditBytes -= bytes;
  }

  /** When the next packet may leave. Timers count in milliseconds. */
  nextMs(nowMs: number): number {
    return nowMs + Math.max(1, -this.#creditBytes / this.#rate);
  }
}

const FIRST_BURST_BYTES = 16 * 1_500;
/** Timers are late by so much on a busy machine; what may be in flight bounds a burst as well. */
const BURST_MS = 10;
