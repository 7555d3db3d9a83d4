import type { Endpoint } from "../../core/contracts/datagram-socket.ts";
import { Alarm } from "./alarm.ts";
import type { Candidate } from "./candidate.ts";
import { Candidates } from "./candidates.ts";
import { formatPublicKeyDatagram, type GreetingDatagram, PUNCH } from "./greeting-datagrams.ts";
import type { GreetingOptions, GreetingPort } from "./greeting-port.ts";
import { Suspicion } from "./suspicion.ts";

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
  readonly #candidates: Candidates;
  readonly #suspicion = new Suspicion();
  #running = false;
  #punches = 0;
  #nextPunchMs = Number.POSITIVE_INFINITY;
  #nextRepeatMs = Number.POSITIVE_INFINITY;
  #keySentMs = Number.NEGATIVE_INFINITY;

  constructor(options: GreetingOptions, port: GreetingPort) {
    this.#options = options;
    this.#port = port;
    this.#candidates = new Candidates(options, port.counters);
    this.#alarm = new Alarm(port.clock, () => this.#tick());
  }

  get #nowMs(): number {
    return this.#port.clock.now();
  }

  /** Punches, and repeats what was not answered, until `settle` or `stop`. */
  start(): void {
    this.#running = true;
    this.#nextPunchMs = this.#nowMs;
    this.#tick();
  }

  stop(): void {
    this.#running = false;
    this.#alarm.stop();
  }

  /** A session runs with this one. */
  settle(candidate: Candidate): void {
    this.stop();
    this.#candidates.settle(candidate);
  }

  /** The session is over. */
  unsettle(): void {
    this.#candidates.unsettle();
  }

  /** The first candidate whose key opens this, and what was in it. */
  open(box: Uint8Array): { candidate: Candidate; plaintext: Uint8Array } | undefined {
    for (const candidate of this.#candidates.live()) {
      const plaintext = candidate.box()?.open(box);
      if (plaintext !== undefined) return { candidate, plaintext };
    }
    return undefined;
  }

  /** The candidate that waits for a sign that our proof has arrived, if this is where it is. */
  awaited({ host, port }: Endpoint): Candidate | undefined {
    return this.#candidates
      .live()
      .find(({ adopted, from }) => adopted && from.host === host && from.port === port);
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
    const { secret, pin, remote, lastRemote } = this.#options;
    if (secret !== undefined || pin !== undefined) return true;
    return from.host === remote.host || from.host === lastRemote?.host;
  }

  #onPunch(from: Endpoint): void {
    this.#doubt();
    const { current } = this.#candidates;
    // One answer for a burst: an original draws a new session key for each key it receives.
    if (this.#nowMs - this.#keySentMs < KEY_PAUSE_MS) return;
    this.#keySentMs = this.#nowMs;
    // Who waits for anybody does not answer with more than it was sent.
    const cautious = this.#options.passive === true && current === undefined;
    const key = formatPublicKeyDatagram(this.#options.key.pem);
    this.#port.send(cautious ? PUNCH : key, from);
    if (current !== undefined) this.#port.punched();
  }

  #onPublicKey(pem: string, from: Endpoint): void {
    const mayBeNew = this.#candidates.current === undefined;
    const candidate = this.#candidates.find(pem, from, this.#nowMs, mayBeNew);
    if (candidate === undefined) return;
    this.#doubt();
    this.#answer(candidate);
    this.#repeatSoon();
  }

  #onSharedKey(pem: string, wrapped: Uint8Array, from: Endpoint): void {
    const candidate = this.#candidates.find(pem, from, this.#nowMs, true);
    if (candidate === undefined) return;
    if (candidate.keepsOwn) return this.#answer(candidate);
    if (candidate === this.#candidates.current) {
      if (candidate.adopted) this.#answer(candidate);
      return;
    }
    const adopted = candidate.adopt(wrapped);
    if (adopted === undefined) {
      this.#port.counters.malformed += 1;
      return;
    }
    if (this.#candidates.current !== undefined && !this.#port.replaced()) return;
    if (adopted === "same") this.#doubt();
    candidate.adoptedMs ??= this.#nowMs;
    if (candidate.mutual) candidate.offer();
    this.#answer(candidate, adopted === "new");
    this.#repeatSoon();
  }

  #onProof(box: Uint8Array, from: Endpoint): void {
    const candidates = this.#candidates.live();
    const proven = candidates.find((candidate) => candidate.proves(box));
    if (proven !== undefined) return this.#port.proven(proven, from);
    this.#port.counters.undecipherable += 1;
    const expected = candidates.some(
      (candidate) => candidate.offered && candidate.from.host === from.host,
    );
    if (expected) this.#doubt(true);
  }

  #answer(candidate: Candidate, atOnce = false): void {
    const nowMs = this.#nowMs;
    if (!atOnce && nowMs - candidate.answeredMs < ANSWER_PAUSE_MS) return;
    candidate.answeredMs = nowMs;
    for (const datagram of candidate.words()) this.#port.send(datagram, candidate.from);
  }

  /** With a secret: the peer speaks on as if it had not understood a proof. */
  #doubt(certainly = false): void {
    const { secret, pin, knownToFit } = this.#options;
    if (knownToFit || (secret === undefined && pin === undefined)) return;
    if (this.#candidates.current !== undefined) return;
    const proofs = this.#candidates.live().map(({ adoptedMs }) => adoptedMs ?? Infinity);
    const unanswered = this.#nowMs - Math.min(...proofs) > DOUBT_AFTER_MS;
    if (certainly || unanswered) this.#suspicion.sign(this.#nowMs);
  }

  #repeatSoon(): void {
    if (this.#candidates.current !== undefined) return;
    this.#running = true;
    this.#nextRepeatMs = Math.min(this.#nextRepeatMs, this.#nowMs + REPEAT_MS);
    this.#alarm.by(this.#nextRepeatMs);
  }

  #tick(): void {
    if (!this.#running) return;
    const nowMs = this.#nowMs;
    if (this.#suspicion.certain(nowMs)) {
      this.stop();
      this.#port.refused();
      return;
    }
    const speaking = this.#repeat(nowMs);
    if (this.#options.passive !== true) this.#punch(nowMs, speaking);
    this.#alarm.by(Math.min(this.#nextPunchMs, this.#nextRepeatMs));
  }

  /** Repeats the last word to those who speak with us; whether there are any. */
  #repeat(nowMs: number): boolean {
    const live = this.#candidates.live().filter(({ heardMs }) => nowMs - heardMs < FORGET_MS);
    if (nowMs >= this.#nextRepeatMs) {
      for (const candidate of live) this.#answer(candidate);
      this.#nextRepeatMs = live.length === 0 ? Number.POSITIVE_INFINITY : nowMs + REPEAT_MS;
    }
    return live.some(({ heardMs }) => nowMs - heardMs < POLITE_MS);
  }

  /** Not while the peer speaks with us: an original fails at each datagram it does not expect. */
  #punch(nowMs: number, speaking: boolean): void {
    if (nowMs < this.#nextPunchMs) return;
    const { remote, lastRemote = remote } = this.#options;
    if (!speaking) this.#port.send(PUNCH, remote);
    const elsewhere = lastRemote.host !== remote.host || lastRemote.port !== remote.port;
    if (!speaking && elsewhere) this.#port.send(PUNCH, lastRemote);
    this.#nextPunchMs = nowMs + (PUNCH_PAUSES_MS[this.#punches] ?? LONGEST_PUNCH_PAUSE_MS);
    this.#punches += 1;
  }
}

const KEY_PAUSE_MS = 100;
const ANSWER_PAUSE_MS = 20;
const REPEAT_MS = 200;
const FORGET_MS = 10_000;
const POLITE_MS = 1_000;
const PUNCH_PAUSES_MS: readonly number[] = [100, 200, 300, 400, 500];
const LONGEST_PUNCH_PAUSE_MS = 1_000;
const DOUBT_AFTER_MS = 250;
