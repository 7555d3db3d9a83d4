import type { Clock } from "../../core/contracts/clock.ts";
import type { Endpoint } from "../../core/contracts/datagram-socket.ts";
import { Alarm } from "./alarm.ts";
import { Candidate } from "./candidate.ts";
import { formatPublicKeyDatagram, type GreetingDatagram, PUNCH } from "./greeting-datagrams.ts";
import type { GreetingKey } from "./greeting-key.ts";
import { publicKeyPin } from "./public-key-pin.ts";
import type { Counters } from "./statistics.ts";

/** What a greeting needs and tells. */
export interface GreetingPort {
  readonly clock: Clock;
  readonly counters: Counters;
  send(bytes: Uint8Array, to: Endpoint): void;
  /** The peer has shown that it holds the key we have offered. */
  proven(candidate: Candidate, from: Endpoint): void;
  /**
   * A peer with another key has answered to ours although a session runs: it was started anew.
   * Whether to go on with it.
   */
  replaced(): boolean;
  /** The peer of a running session punches again: it does not understand us any more. */
  punched(): void;
  /** Whoever is there holds another secret, or none. */
  refused(): void;
}

/** Whom a greeting is for. */
export interface GreetingOptions {
  readonly key: GreetingKey;
  readonly secret?: string | Uint8Array | undefined;
  /** SHA-256 of the only public key that is believed, in hexadecimal. */
  readonly pin?: string | undefined;
  readonly remote: Endpoint;
  /** Does not punch and offers no key of its own accord; answers who comes. */
  readonly passive?: boolean | undefined;
  /** The peer has proven itself in an earlier session: nothing makes us doubt that it can. */
  readonly knownToFit?: boolean | undefined;
}

/**
 * The handshake of one own key: holes are punched, keys exchanged, the key of the session agreed.
 *
 * It never fails: datagrams may be lost, doubled, out of order and forged, and what makes no sense
 * is counted and dropped. It goes on answering while a session runs, so that a peer that has
 * missed the last word can ask again. Which of two session keys counts follows from what was said:
 * who has sent a key never takes another, unless its own is the lower.
 */
export class Greeting {
  readonly #options: GreetingOptions;
  readonly #port: GreetingPort;
  readonly #alarm: Alarm;
  readonly #candidates = new Map<string, Candidate>();
  #current: Candidate | undefined;
  #running = false;
  #startedMs = 0;
  #punches = 0;
  #nextPunchMs = 0;
  #nextRepeatMs = Number.POSITIVE_INFINITY;
  #keySentMs = Number.NEGATIVE_INFINITY;
  #budget = NEW_KEYS_PER_SECOND;
  #budgetMs = 0;
  #doubts = 0;
  #doubtsFromMs: number | undefined;

  constructor(options: GreetingOptions, port: GreetingPort) {
    this.#options = options;
    this.#port = port;
    this.#alarm = new Alarm(port.clock, () => this.#tick());
  }

  /** The peer of the running session. */
  get current(): Candidate | undefined {
    return this.#current;
  }

  get #nowMs(): number {
    return this.#port.clock.now();
  }

  /** Punches, and repeats what was not answered, until `settle` or `stop`. */
  start(): void {
    this.#running = true;
    this.#startedMs = this.#nowMs;
    this.#nextPunchMs = this.#startedMs;
    this.#punches = 0;
    this.#tick();
  }

  stop(): void {
    this.#running = false;
    this.#alarm.stop();
  }

  /** A session runs with this one; others are forgotten. */
  settle(candidate: Candidate): void {
    this.stop();
    this.#current = candidate;
    for (const [pem, other] of this.#candidates) {
      if (other !== candidate && !other.retired) this.#candidates.delete(pem);
    }
  }

  /** The session is over: whoever it was with must bring another key. */
  unsettle(): void {
    if (this.#current !== undefined) this.#current.retired = true;
    this.#current = undefined;
  }

  /** The first candidate whose key opens this, and what was in it. */
  open(box: Uint8Array): { candidate: Candidate; plaintext: Uint8Array } | undefined {
    for (const candidate of this.#candidates.values()) {
      if (candidate.retired) continue;
      const plaintext = candidate.box()?.open(box);
      if (plaintext !== undefined) return { candidate, plaintext };
    }
    return undefined;
  }

  /** The candidate that waits for a sign that our proof has arrived, if this is where it is. */
  awaited(from: Endpoint): Candidate | undefined {
    for (const candidate of this.#candidates.values()) {
      const there = candidate.from.host === from.host && candidate.from.port === from.port;
      if (candidate.adopted && !candidate.retired && there) return candidate;
    }
    return undefined;
  }

  receive(datagram: GreetingDatagram, from: Endpoint): void {
    if (!this.#believes(from)) {
      this.#port.counters.foreign += 1;
      return;
    }
    switch (datagram.stage) {
      case "punch":
        return this.#onPunch(from);
      case "public-key":
        return this.#onPublicKey(datagram.pem, from);
      case "shared-key":
        return this.#onSharedKey(datagram.pem, datagram.wrapped, from);
      case "proof":
        return this.#onProof(datagram.box, from);
    }
  }

  /**
   * Without a secret or a known key the address is all there is to tell the peer from others, and
   * answers that only its owner receives.
   */
  #believes(from: Endpoint): boolean {
    const { secret, pin, remote } = this.#options;
    return secret !== undefined || pin !== undefined || from.host === remote.host;
  }

  #onPunch(from: Endpoint): void {
    this.#doubt();
    const nowMs = this.#nowMs;
    // One answer for a burst: an original draws a new session key for each key it receives.
    if (nowMs - this.#keySentMs < KEY_PAUSE_MS) return;
    this.#keySentMs = nowMs;
    if (this.#options.passive && this.#current === undefined) this.#port.send(PUNCH, from);
    else this.#port.send(formatPublicKeyDatagram(this.#options.key.pem), from);
    if (this.#current !== undefined) this.#port.punched();
  }

  #onPublicKey(pem: string, from: Endpoint): void {
    const candidate = this.#candidate(pem, from, this.#current === undefined);
    if (candidate === undefined) return;
    this.#doubt();
    if (candidate.adopted) this.#answer(candidate, candidate.proof());
    else this.#answer(candidate, candidate.offer());
    this.#repeatSoon();
  }

  #onSharedKey(pem: string, wrapped: Uint8Array, from: Endpoint): void {
    const candidate = this.#candidate(pem, from, true);
    if (candidate === undefined) return;
    if (candidate.keepsOwn) return this.#answer(candidate, candidate.offer());
    if (candidate === this.#current && !candidate.adopted) return;
    if (candidate === this.#current) return this.#answer(candidate, candidate.proof());
    const adopted = candidate.adopt(wrapped);
    if (adopted === undefined) {
      this.#port.counters.malformed += 1;
      return;
    }
    if (this.#current !== undefined && !this.#port.replaced()) return;
    if (adopted === "same") this.#doubt();
    candidate.adoptedMs ??= this.#nowMs;
    this.#answer(candidate, candidate.proof(), adopted === "new");
    this.#repeatSoon();
  }

  #onProof(box: Uint8Array, from: Endpoint): void {
    for (const candidate of this.#candidates.values()) {
      if (candidate.retired || !candidate.proves(box)) continue;
      candidate.from = from;
      this.#port.proven(candidate, from);
      return;
    }
    this.#port.counters.undecipherable += 1;
    const offered = [...this.#candidates.values()].some(
      (candidate) => candidate.offered && candidate.from.host === from.host,
    );
    if (offered) this.#doubt(true);
  }

  /** Known, or new if there is room and time for new ones. */
  #candidate(pem: string, from: Endpoint, mayBeNew: boolean): Candidate | undefined {
    const known = this.#candidates.get(pem);
    if (known !== undefined && !known.retired) {
      known.from = known === this.#current ? known.from : from;
      known.heardMs = this.#nowMs;
      return known;
    }
    if (known !== undefined || !mayBeNew) {
      this.#port.counters.outdated += 1;
      return undefined;
    }
    if (!this.#pinned(pem) || !this.#affordable()) return undefined;
    const { key, secret } = this.#options;
    const candidate = Candidate.of(pem, from, this.#nowMs, key, secret);
    if (candidate === undefined) {
      this.#port.counters.malformed += 1;
      return undefined;
    }
    this.#makeRoom();
    this.#candidates.set(pem, candidate);
    return candidate;
  }

  #pinned(pem: string): boolean {
    const { pin } = this.#options;
    if (pin === undefined || publicKeyPin(pem) === pin.toLowerCase()) return true;
    this.#port.counters.foreign += 1;
    return false;
  }

  /** Each new key costs milliseconds of arithmetic: a flood of them must not stop all else. */
  #affordable(): boolean {
    const nowMs = this.#nowMs;
    const earned = ((nowMs - this.#budgetMs) / 1_000) * NEW_KEYS_PER_SECOND;
    this.#budget = Math.min(NEW_KEYS_PER_SECOND, this.#budget + earned);
    this.#budgetMs = nowMs;
    if (this.#budget < 1) {
      this.#port.counters.tooMany += 1;
      return false;
    }
    this.#budget -= 1;
    return true;
  }

  #makeRoom(): void {
    for (const [pem, candidate] of this.#candidates) {
      if (this.#candidates.size < MAX_CANDIDATES) return;
      if (candidate !== this.#current && !candidate.retired) this.#candidates.delete(pem);
    }
  }

  #answer(candidate: Candidate, datagram: Uint8Array | undefined, atOnce = false): void {
    const nowMs = this.#nowMs;
    if (datagram === undefined) return;
    if (!atOnce && nowMs - candidate.answeredMs < ANSWER_PAUSE_MS) return;
    candidate.answeredMs = nowMs;
    this.#port.send(datagram, candidate.from);
  }

  /**
   * With a secret: the peer goes on as if our proof made no sense to it, or its own makes none to
   * us. A lost datagram looks the same, so it takes several and some time.
   */
  #doubt(certain = false): void {
    const { secret, pin, knownToFit } = this.#options;
    if (knownToFit || this.#current !== undefined) return;
    if (secret === undefined && pin === undefined) return;
    const proven = [...this.#candidates.values()].map(({ adoptedMs }) => adoptedMs ?? Infinity);
    const waiting = this.#nowMs - Math.min(...proven) > DOUBT_AFTER_MS;
    if (!certain && !waiting) return;
    this.#doubts += 1;
    this.#doubtsFromMs ??= this.#nowMs;
  }

  #repeatSoon(): void {
    if (!this.#running && this.#current === undefined) this.#running = true;
    if (!this.#running) return;
    this.#nextRepeatMs = Math.min(this.#nextRepeatMs, this.#nowMs + REPEAT_MS);
    this.#alarm.by(this.#nextRepeatMs);
  }

  #tick(): void {
    if (!this.#running) return;
    const nowMs = this.#nowMs;
    if (this.#refused(nowMs)) {
      this.stop();
      this.#port.refused();
      return;
    }
    const speaking = this.#repeat(nowMs);
    if (!this.#options.passive) this.#punch(nowMs, speaking);
    const punchMs = this.#options.passive ? Infinity : this.#nextPunchMs;
    this.#alarm.by(Math.min(punchMs, this.#nextRepeatMs));
  }

  #refused(nowMs: number): boolean {
    const sinceMs = nowMs - (this.#doubtsFromMs ?? nowMs);
    return sinceMs >= REFUSED_AFTER_MS && this.#doubts >= REFUSED_AFTER_DOUBTS;
  }

  /** Repeats the last word to those who speak with us; whether there are any. */
  #repeat(nowMs: number): boolean {
    const live = [...this.#candidates.values()].filter(
      (candidate) => !candidate.retired && nowMs - candidate.heardMs < FORGET_MS,
    );
    if (live.length === 0) {
      this.#nextRepeatMs = Infinity;
      return false;
    }
    if (nowMs >= this.#nextRepeatMs) {
      this.#nextRepeatMs = nowMs + REPEAT_MS;
      for (const one of live) this.#answer(one, one.adopted ? one.proof() : one.offer());
    }
    this.#nextRepeatMs = Math.min(this.#nextRepeatMs, nowMs + REPEAT_MS);
    return live.some((candidate) => nowMs - candidate.heardMs < POLITE_MS);
  }

  /** Not while the peer speaks with us: an original counts each datagram it does not expect. */
  #punch(nowMs: number, speaking: boolean): void {
    if (nowMs < this.#nextPunchMs) return;
    if (!speaking) this.#port.send(PUNCH, this.#options.remote);
    this.#nextPunchMs = nowMs + (PUNCH_PAUSES_MS[this.#punches] ?? LONGEST_PUNCH_PAUSE_MS);
    this.#punches += 1;
  }
}

const MAX_CANDIDATES = 16;
const NEW_KEYS_PER_SECOND = 20;
const KEY_PAUSE_MS = 100;
const ANSWER_PAUSE_MS = 20;
const REPEAT_MS = 200;
const FORGET_MS = 10_000;
const POLITE_MS = 1_000;
const PUNCH_PAUSES_MS: readonly number[] = [100, 200, 300, 400, 500];
const LONGEST_PUNCH_PAUSE_MS = 1_000;
const DOUBT_AFTER_MS = 250;
const REFUSED_AFTER_MS = 2_000;
const REFUSED_AFTER_DOUBTS = 3;
