import type { RoundTrip } from "./round-trip.ts";

/** What is remembered of a packet when it leaves, to learn the rate when it is acknowledged. */
export interface Departure {
  readonly sentMs: number;
  /** Bytes that had been delivered when it left, and since when. */
  readonly delivered: number;
  readonly deliveredMs: number;
  readonly firstSentMs: number;
  /** There was nothing more to send: what is delivered then says nothing of the path. */
  readonly idle: boolean;
}

/**
 * How fast and how much: after the model of BBR (Cardwell and others, "BBR: Congestion-Based
 * Congestion Control", 2016). The rate is the best that was delivered in the last ten rounds, the
 * amount in flight twice what that rate brings in the shortest round trip. Single losses, which on
 * radio and long paths do not mean congestion, change nothing; a round that loses a fifth does.
 */
export class Congestion {
  readonly #roundTrip: RoundTrip;
  readonly #packetBytes: number;
  #state: "startup" | "drain" | "cruise" = "startup";
  #delivered = 0;
  #deliveredMs: number;
  #firstSentMs: number;
  #rates: { readonly round: number; readonly rate: number }[] = [];
  #round = 0;
  #roundEnds = 0;
  #roundDelivered = 0;
  #roundLost = 0;
  #fullRate = 0;
  #fullRounds = 0;
  #ceiling = Number.POSITIVE_INFINITY;
  #phase = 0;
  #phaseMs: number;
  #measuringUntilMs = 0;

  constructor(roundTrip: RoundTrip, packetBytes: number, nowMs: number) {
    this.#roundTrip = roundTrip;
    this.#packetBytes = packetBytes;
    this.#deliveredMs = nowMs;
    this.#firstSentMs = nowMs;
    this.#phaseMs = nowMs;
  }

  /** Bytes each millisecond that packets should leave with; infinite while nothing is known. */
  get rate(): number {
    const rate = this.#best();
    if (rate === 0) return Number.POSITIVE_INFINITY;
    if (this.#state === "startup") return rate * STARTUP_GAIN;
    if (this.#state === "drain") return rate / STARTUP_GAIN;
    return rate * (CYCLE[this.#phase] ?? 1);
  }

  /** Bytes that may be in flight. */
  get windowBytes(): number {
    const least = FIRST_PACKETS * this.#packetBytes;
    const rate = this.#best();
    if (rate === 0) return least;
    if (this.#measuringUntilMs > 0) return MEASURING_PACKETS * this.#packetBytes;
    const gain = this.#state === "startup" ? STARTUP_GAIN : 2;
    const inPath = gain * rate * this.#roundTrip.leastMs;
    // Timers tick in milliseconds and acknowledgements are gathered: both need packets beside.
    return Math.max(least, inPath + rate * SLACK_MS + least / 2);
  }

  departs(inFlightBytes: number, nowMs: number, idle: boolean): Departure {
    if (inFlightBytes === 0) {
      this.#firstSentMs = nowMs;
      this.#deliveredMs = nowMs;
    }
    return {
      sentMs: nowMs,
      delivered: this.#delivered,
      deliveredMs: this.#deliveredMs,
      firstSentMs: this.#firstSentMs,
      idle,
    };
  }

  /** So many bytes have arrived, the last of them with this departure. */
  arrived(bytes: number, last: Departure, inFlightBytes: number, nowMs: number): void {
    this.#delivered += bytes;
    this.#deliveredMs = nowMs;
    this.#firstSentMs = last.sentMs;
    this.#roundDelivered += bytes;
    const elapsed = Math.max(nowMs - last.deliveredMs, last.sentMs - last.firstSentMs);
    if (elapsed >= this.#roundTrip.leastMs / 2 && elapsed > 0) {
      const rate = (this.#delivered - last.delivered) / elapsed;
      if (!last.idle || rate > this.#best()) this.#learn(rate);
    }
    if (last.delivered >= this.#roundEnds) this.#nextRound(last.idle);
    this.#advance(inFlightBytes, nowMs);
  }

  lost(bytes: number): void {
    this.#roundLost += bytes;
  }

  #best(): number {
    return Math.min(this.#rates[0]?.rate ?? 0, this.#ceiling);
  }

  #learn(rate: number): void {
    while ((this.#rates.at(-1)?.rate ?? Infinity) <= rate) this.#rates.pop();
    this.#rates.push({ round: this.#round, rate });
    const first = this.#rates[0];
    if (first !== undefined && first.round + ROUNDS < this.#round) this.#rates.shift();
  }

  #nextRound(idle: boolean): void {
    this.#round += 1;
    this.#roundEnds = this.#delivered;
    const total = this.#roundDelivered + this.#roundLost;
    const crowded = total > 20 * this.#packetBytes && this.#roundLost > total * TOO_LOSSY;
    if (crowded) this.#ceiling = this.#best() * 0.85;
    else this.#ceiling *= 1.05;
    this.#roundDelivered = 0;
    this.#roundLost = 0;
    if (this.#state === "startup" && !idle) this.#judgeStartup(crowded);
  }

  /** Three rounds without a quarter more: the pipe is full. */
  #judgeStartup(crowded: boolean): void {
    const rate = this.#best();
    if (rate > this.#fullRate * 1.25) {
      this.#fullRate = rate;
      this.#fullRounds = 0;
    } else {
      this.#fullRounds += 1;
    }
    if (crowded || this.#fullRounds >= 3) this.#state = "drain";
  }

  #advance(inFlightBytes: number, nowMs: number): void {
    const inPath = this.#best() * this.#roundTrip.leastMs;
    if (this.#state === "drain" && inFlightBytes <= inPath + FIRST_PACKETS * this.#packetBytes) {
      this.#state = "cruise";
      this.#phaseMs = nowMs;
      this.#phase = 2;
    }
    if (this.#state === "cruise" && nowMs - this.#phaseMs > this.#roundTrip.leastMs) {
      this.#phase = (this.#phase + 1) % CYCLE.length;
      this.#phaseMs = nowMs;
    }
    // A queue of our own making would hide the shortest round trip for ever.
    if (this.#measuringUntilMs === 0 && this.#roundTrip.leastIsOld(nowMs)) {
      this.#measuringUntilMs = nowMs + MEASURING_MS;
    } else if (this.#measuringUntilMs > 0 && nowMs >= this.#measuringUntilMs) {
      this.#measuringUntilMs = 0;
    }
  }
}

const STARTUP_GAIN = 2.885;
const CYCLE: readonly number[] = [1.25, 0.75, 1, 1, 1, 1, 1, 1];
const ROUNDS = 10;
const FIRST_PACKETS = 32;
const MEASURING_PACKETS = 8;
const MEASURING_MS = 200;
const SLACK_MS = 4;
const TOO_LOSSY = 0.2;
