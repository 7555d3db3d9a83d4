import { equalBytes } from "../../bytes/equal.ts";
import { encodeUtf8 } from "../../bytes/text.ts";

/** What a `FIN` says; originals write such texts and do not read them. */
const CLOSED: Uint8Array = encodeUtf8("closed");
/** Not everything that was sent was acknowledged. */
const BROKEN_OFF: Uint8Array = encodeUtf8("broken off");
/** Answers a `FIN`. */
export const FIN_ANSWER: Uint8Array = encodeUtf8("been notified fin or reset");

export function isFinAnswer(data: Uint8Array): boolean {
  return equalBytes(data, FIN_ANSWER);
}

export function isBrokenOff(data: Uint8Array): boolean {
  return equalBytes(data, BROKEN_OFF);
}

/** Says goodbye until the peer has answered, or too often. */
export class Farewell {
  readonly #data: Uint8Array;
  #tries = 0;
  #nextMs = Number.NEGATIVE_INFINITY;

  constructor(brokenOff: boolean) {
    this.#data = brokenOff ? BROKEN_OFF : CLOSED;
  }

  get nextMs(): number {
    return this.#nextMs;
  }

  /** What to say now; `undefined`: nothing yet, or `"enough"`. */
  say(nowMs: number, roundTripMs: number): Uint8Array | "enough" | undefined {
    if (nowMs < this.#nextMs) return undefined;
    if (this.#tries >= TRIES) return "enough";
    this.#tries += 1;
    this.#nextMs = nowMs + Math.min(Math.max(2 * roundTripMs, LEAST_PAUSE_MS), LONGEST_PAUSE_MS);
    return this.#data;
  }
}

const TRIES = 5;
const LEAST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 500;
