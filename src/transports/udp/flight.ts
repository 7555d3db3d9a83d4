import type { Clock } from "../../core/contracts/clock.ts";

/** What udx knows of a path. */
export interface PathFigures {
  /** Smoothed, in milliseconds; 0 before it is known. */
  readonly roundTripMs: number;
  /** What is under way. */
  readonly inFlightBytes: number;
  /** What the path was found to carry, in bytes a second. */
  readonly bandwidth: number;
}

/** What a flight looks at, and whom it tells. */
export interface FlightOptions {
  readonly clock: Clock;
  readonly path: PathFigures;
  /** Something may leave again. */
  readonly onRoom: () => void;
}

/**
 * Holds back what would only stand in a queue. udx keeps under way twice of what a path holds
 * (BBR, draft-cardwell-iccrg-bbr-congestion-control-00, section 4.2.3.2): in front of a narrow link
 * half of that waits in a router, or is lost there together with what others send. So where round
 * trips have grown, little more leaves than the path holds, at the pace at which it arrives. A queue
 * that stays nevertheless is of others, among whom the polite get nothing: then it is left to udx
 * for a while.
 */
export class Flight {
  readonly #options: FlightOptions;
  #least = UNKNOWN;
  #state: State = "wide";
  /** What the round trips say the state should be, and since when. */
  #doubt: { readonly state: State; readonly sinceMs: number } | undefined;
  #sinceMs = 0;
  #earned = { bytes: 0, atMs: 0 };
  #cancel: (() => void) | undefined;

  constructor(options: FlightOptions) {
    this.#options = options;
  }

  /** How many bytes may leave now. After 0 it tells when to ask again. */
  allowance(): number {
    const { roundTripMs } = this.#options.path;
    if (roundTripMs === 0) return Infinity;
    this.#judge(roundTripMs);
    if (this.#state !== "narrow") return Infinity;
    const bytes = Math.min(this.#room(), this.#pay());
    if (bytes >= LEAST_BYTES) return bytes;
    this.#cancel ??= this.#options.clock.after(TICK_MS, () => this.#tell());
    return 0;
  }

  /** So many have left. */
  sent(bytes: number): void {
    if (this.#state === "narrow") this.#earned.bytes -= bytes;
  }

  /** The path is another one. */
  forget(): void {
    this.#least = UNKNOWN;
    this.#turn("wide", 0);
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #judge(roundTripMs: number): void {
    const nowMs = this.#options.clock.now();
    this.#measure(roundTripMs, nowMs);
    if (this.#state === "wide" && roundTripMs > this.#aimMs) this.#turn("narrow", nowMs);
    if (this.#state === "yielding" && nowMs - this.#sinceMs >= YIELD_MS) this.#turn("wide", nowMs);
    if (this.#state !== "narrow") return;
    if (roundTripMs > FOREIGN * this.#aimMs) this.#doubted("yielding", nowMs);
    else if (roundTripMs < SHORT * this.#leastMs + SHORT_MS) this.#doubted("wide", nowMs);
    else this.#doubt = undefined;
  }

  #measure(roundTripMs: number, nowMs: number): void {
    const { sinceMs, leastMs, beforeMs } = this.#least;
    this.#least =
      nowMs - sinceMs < SPAN_MS
        ? { sinceMs, leastMs: Math.min(leastMs, roundTripMs), beforeMs }
        : { sinceMs: nowMs, leastMs: roundTripMs, beforeMs: leastMs };
  }

  /** The shortest round trip of this span of time and the one before: paths change. */
  get #leastMs(): number {
    return Math.min(this.#least.leastMs, this.#least.beforeMs);
  }

  /** The round trip with as much of a queue as may be. */
  get #aimMs(): number {
    return MORE * (this.#leastMs + SLACK_MS);
  }

  /** One round trip says little. */
  #doubted(state: State, nowMs: number): void {
    if (this.#doubt?.state !== state) this.#doubt = { state, sinceMs: nowMs };
    else if (nowMs - this.#doubt.sinceMs >= PATIENCE_MS) this.#turn(state, nowMs);
  }

  #turn(state: State, nowMs: number): void {
    this.#state = state;
    this.#doubt = undefined;
    this.#sinceMs = nowMs;
    this.#earned = { bytes: 0, atMs: nowMs };
  }

  #room(): number {
    const { bandwidth, inFlightBytes } = this.#options.path;
    return Math.max(LEAST_WINDOW_BYTES, (bandwidth * this.#aimMs) / 1_000) - inFlightBytes;
  }

  /** What is handed over and not under way does not count: so it is handed over at a pace. */
  #pay(): number {
    const earned = this.#earned;
    const { clock, path } = this.#options;
    const nowMs = clock.now();
    const bytesEachMs = (MORE * path.bandwidth) / 1_000;
    const most = Math.max(2 * LEAST_BYTES, BURST_MS * bytesEachMs);
    earned.bytes = Math.min(earned.bytes + bytesEachMs * (nowMs - earned.atMs), most);
    earned.atMs = nowMs;
    return earned.bytes;
  }

  #tell(): void {
    this.#cancel = undefined;
    this.#options.onRoom();
  }
}

/** As udx likes it, held back, or left to udx although there is a queue. */
type State = "wide" | "narrow" | "yielding";

const UNKNOWN = { sinceMs: 0, leastMs: Infinity, beforeMs: Infinity };
/** Longer than udx takes from one look at the empty path to the next. */
const SPAN_MS = 15_000;
/** What leaves beside what arrives: it shows when the path carries more. */
const MORE = 1.25;
/** Without a queue too a round trip varies, and udx counts whole milliseconds. */
const SLACK_MS = 10;
/** Beyond so many times of what we aim at, a queue is of others; below this there is none. */
const FOREIGN = 1.2;
const [SHORT, SHORT_MS] = [1.1, 2];
const PATIENCE_MS = 3_000;
const YIELD_MS = 10_000;
const LEAST_WINDOW_BYTES = 16_384;
/** About a packet. */
const LEAST_BYTES = 1_200;
const TICK_MS = 5;
const BURST_MS = 30;
