import type { Endpoint } from "../../core/contracts/datagram-socket.ts";
import { Candidate, type CandidateOptions } from "./candidate.ts";
import { publicKeyPin } from "./public-key-pin.ts";
import type { Counters } from "./statistics.ts";

/** Whom candidates must be. */
export interface CandidatesOptions extends CandidateOptions {
  /** SHA-256 of the only public key that is believed, in hexadecimal. */
  readonly pin?: string | undefined;
}

/** Those who have shown a public key, within bounds: anybody can send one. */
export class Candidates {
  /** The one with whom a session runs. */
  current: Candidate | undefined;
  readonly #options: CandidatesOptions;
  readonly #counters: Counters;
  readonly #known = new Map<string, Candidate>();
  #budget = NEW_KEYS_PER_SECOND;
  #budgetMs = 0;

  constructor(options: CandidatesOptions, counters: Counters) {
    this.#options = options;
    this.#counters = counters;
  }

  /** Those who may still become the peer. */
  live(): readonly Candidate[] {
    return [...this.#known.values()].filter(({ retired }) => !retired);
  }

  /** Known, or new if there is room and time for new ones. */
  find(pem: string, from: Endpoint, nowMs: number, mayBeNew: boolean): Candidate | undefined {
    const known = this.#known.get(pem);
    if (known === undefined && mayBeNew) return this.#add(pem, from, nowMs);
    if (known === undefined || known.retired) {
      this.#counters.outdated += 1;
      return undefined;
    }
    if (known !== this.current) known.from = from;
    known.heardMs = nowMs;
    return known;
  }

  /** A session runs with this one; others are forgotten. */
  settle(candidate: Candidate): void {
    this.current = candidate;
    for (const other of this.live()) {
      if (other !== candidate) this.#known.delete(other.pem);
    }
  }

  /** The session is over: whoever it was with must bring another key. */
  unsettle(): void {
    if (this.current !== undefined) this.current.retired = true;
    this.current = undefined;
  }

  #add(pem: string, from: Endpoint, nowMs: number): Candidate | undefined {
    const { pin } = this.#options;
    if (pin !== undefined && publicKeyPin(pem) !== pin.toLowerCase()) {
      this.#counters.foreign += 1;
      return undefined;
    }
    if (!this.#affordable(nowMs)) {
      this.#counters.tooMany += 1;
      return undefined;
    }
    const candidate = Candidate.of(pem, from, nowMs, this.#options);
    if (candidate === undefined) {
      this.#counters.malformed += 1;
      return undefined;
    }
    this.#makeRoom();
    this.#known.set(pem, candidate);
    return candidate;
  }

  /** Each new key costs milliseconds of arithmetic: a flood of them must not stop all else. */
  #affordable(nowMs: number): boolean {
    const earned = ((nowMs - this.#budgetMs) / 1_000) * NEW_KEYS_PER_SECOND;
    this.#budget = Math.min(NEW_KEYS_PER_SECOND, this.#budget + earned);
    this.#budgetMs = nowMs;
    if (this.#budget < 1) return false;
    this.#budget -= 1;
    return true;
  }

  #makeRoom(): void {
    for (const candidate of this.live()) {
      if (this.#known.size < MAX_CANDIDATES) return;
      if (candidate !== this.current) this.#known.delete(candidate.pem);
    }
  }
}

const MAX_CANDIDATES = 16;
const NEW_KEYS_PER_SECOND = 20;
