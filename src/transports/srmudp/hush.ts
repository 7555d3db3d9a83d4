/**
 * The peer punches although a session runs. If it was started anew, everything but greetings
 * disturbs it, so we are silent for a moment. Short and seldom, because anybody can send a punch.
 */
export class Hush {
  #untilMs = 0;
  #lastMs = Number.NEGATIVE_INFINITY;

  begin(nowMs: number, roundTripMs: number): void {
    if (nowMs - this.#lastMs < PAUSE_MS) return;
    this.#lastMs = nowMs;
    this.#untilMs = nowMs + Math.min(LONGEST_MS, 100 + 3 * roundTripMs);
  }

  /** The peer speaks as before. */
  end(): void {
    this.#untilMs = 0;
  }

  get untilMs(): number {
    return this.#untilMs;
  }
}

const PAUSE_MS = 2_000;
const LONGEST_MS = 500;
