/** How long a packet and its acknowledgement take, smoothed (RFC 6298, section 2). */
export class RoundTrip {
  #smoothedMs: number | undefined;
  #variationMs = 0;
  #leastMs = Number.POSITIVE_INFINITY;
  #leastSinceMs = 0;

  /** @default what is assumed before the first measurement */
  get smoothedMs(): number {
    return this.#smoothedMs ?? ASSUMED_MS;
  }

  get known(): boolean {
    return this.#smoothedMs !== undefined;
  }

  /** The shortest of late: what the path takes when no queue stands in it. */
  get leastMs(): number {
    return Math.min(this.#leastMs, this.smoothedMs);
  }

  /** Whether the shortest one was seen so long ago that it should be measured again. */
  leastIsOld(nowMs: number): boolean {
    return this.known && nowMs - this.#leastSinceMs > LEAST_LASTS_MS;
  }

  measured(sampleMs: number, nowMs: number): void {
    const sample = Math.max(sampleMs, SHORTEST_MS);
    if (this.#smoothedMs === undefined) {
      this.#smoothedMs = sample;
      this.#variationMs = sample / 2;
    } else {
      const difference = Math.abs(this.#smoothedMs - sample);
      this.#variationMs = 0.75 * this.#variationMs + 0.25 * difference;
      this.#smoothedMs = 0.875 * this.#smoothedMs + 0.125 * sample;
    }
    if (sample <= this.#leastMs || this.leastIsOld(nowMs)) {
      this.#leastMs = sample;
      this.#leastSinceMs = nowMs;
    }
  }

  /** After so long without an answer something is missing. */
  timeoutMs(leastMs: number): number {
    return Math.max(leastMs, this.smoothedMs + Math.max(4 * this.#variationMs, MARGIN_MS));
  }
}

const ASSUMED_MS = 200;
const SHORTEST_MS = 0.05;
const MARGIN_MS = 5;
const LEAST_LASTS_MS = 10_000;
