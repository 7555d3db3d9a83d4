import type { Clock } from "../core/contracts/clock.ts";

/** How much moves just now. The more it is, the sooner a lost path is missed. */
export type Traffic = "flowing" | "busy" | "idle";

const FLOWING_MS = 1_000;
const BUSY_MS = 5_000;

/** Remembers when something has moved last. */
export class TrafficMeter {
  readonly #clock: Clock;
  #lastMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get now(): Traffic {
    const quietMs = this.#clock.now() - this.#lastMs;
    if (quietMs < FLOWING_MS) return "flowing";
    return quietMs < BUSY_MS ? "busy" : "idle";
  }

  /** Something moves. Returns whether there was less before. */
  moved(): boolean {
    const before = this.now;
    this.#lastMs = this.#clock.now();
    return before !== "flowing";
  }
}
