import type { RoundTrip } from "./round-trip.ts";

/** Notices that nothing is heard of what was sent, each time after a longer pause. */
export class Silence {
  readonly #roundTrip: RoundTrip;
  #sinceMs: number;
  #noticed = 0;
  #dueMs = Number.POSITIVE_INFINITY;

  constructor(roundTrip: RoundTrip, nowMs: number) {
    this.#roundTrip = roundTrip;
    this.#sinceMs = nowMs;
  }

  /** When it lasts too long; never while nothing is awaited. */
  get dueMs(): number {
    return this.#dueMs;
  }

  /** The first of many leaves now. */
  begins(nowMs: number): void {
    this.#sinceMs = nowMs;
  }

  /** Something was heard. */
  broken(nowMs: number): void {
    this.#sinceMs = nowMs;
    this.#noticed = 0;
  }

  /** Whether it lasts too long; then it begins anew. */
  notice(nowMs: number): boolean {
    if (nowMs < this.#dueMs) return false;
    this.#noticed += 1;
    this.#sinceMs = nowMs;
    return true;
  }

  /** Counts on, or not, as long as an answer is awaited. */
  await(awaited: boolean, leastMs: number): void {
    const factor = LONGER ** Math.min(this.#noticed, MOST_TIMES);
    const pauseMs = Math.min(this.#roundTrip.timeoutMs(leastMs) * factor, LONGEST_MS);
    this.#dueMs = awaited ? this.#sinceMs + pauseMs : Number.POSITIVE_INFINITY;
  }
}

const LONGER = 1.5;
const MOST_TIMES = 12;
const LONGEST_MS = 1_000;
