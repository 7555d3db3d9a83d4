import { equalBytes } from "../../bytes/equal.ts";
import { encodeHex } from "../../bytes/text.ts";
import { randomBytes } from "../../crypto/random.ts";
import { sameEndpoint } from "./address.ts";
import { NONCE_BYTES, type PathControl } from "./control.ts";
import type { PathKeeperOptions, Route } from "./path-keeper-options.ts";

const NOBODY_ASKED = new Uint8Array(NONCE_BYTES);
/** Bytes that moved so recently count as activity. */
const ACTIVE_MS = 2_000;
/**
 * After so much silence, and four round trips, what was under way counts as lost: udx would try
 * again ever later.
 */
const REVIVED_MS = 1_000;
const REVIVED_ROUND_TRIPS = 4;
/** Between questions whose answer everything waits for: two round trips. */
const LEAST_URGENT_MS = 20;
const URGENT_UNKNOWN_MS = 100;
/** Questions that may be open at once; older ones are given up. */
const MAX_OPEN_PINGS = 8;

/**
 * Keeps the way to one peer: asks when it has become silent, measures, gives up, and follows a
 * peer whose address has changed. An address is used only after a question of ours has been
 * answered from there (as RFC 9000 section 8.2 does), so a repeated or forged ping moves nothing.
 */
export class PathKeeper<Via> {
  readonly #options: PathKeeperOptions<Via>;
  readonly #pings = new Map<string, OpenPing<Via>>();
  #route: Route<Via>;
  #rttMs: number | undefined;
  #sequence = 0n;
  #newestHeard = 0n;
  #movedBy = 0n;
  #packets: number;
  #heardMs: number;
  #activeMs: number;
  #unanswered = 0;
  #idle = false;
  /** Whether the peer has said where it stands since we looked last. */
  #told = false;
  #cancel: (() => void) | undefined;

  constructor(options: PathKeeperOptions<Via>) {
    this.#options = options;
    this.#route = options.route;
    this.#packets = options.heard();
    this.#heardMs = options.clock.now();
    this.#activeMs = this.#heardMs;
    this.#schedule();
  }

  get route(): Route<Via> {
    return this.#route;
  }

  get rttMs(): number | undefined {
    return this.#rttMs;
  }

  /** Bytes are on their way: from now on silence is noticed soon. */
  active(): void {
    if (!this.#idle) return;
    this.#activeMs = this.#options.clock.now();
    this.#schedule();
  }

  /** Goes on elsewhere, and asks there so that the peer learns of it. */
  move(route: Route<Via>): void {
    this.#pings.clear();
    this.#movedBy = this.#newestHeard;
    this.#follow(route);
    this.#ping(route);
    this.#activeMs = this.#options.clock.now();
    this.#schedule();
  }

  /** Asks at once. */
  ask(): void {
    this.#ping(this.#route);
    this.#schedule();
  }

  /** The channel has ended here: says so, as often as datagrams are usually lost in a row. */
  farewell(): void {
    for (let times = 0; times < 3; times++) this.#say("gone", NOBODY_ASKED, this.#route);
  }

  /** Takes a datagram that names this channel, from wherever it came. */
  receive(control: PathControl, from: Route<Via>): void {
    if (!this.#options.proof.holds(control)) this.#options.count("forged");
    else if (control.kind === "ping") this.#answer(control, from);
    else if (control.kind === "gone" && equalBytes(control.nonce, NOBODY_ASKED)) {
      this.#takeFarewell(control);
    } else this.#takeAnswer(control, from);
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#pings.clear();
  }

  #answer(control: PathControl, from: Route<Via>): void {
    const { sequence, nonce } = control;
    if (sequence <= this.#newestHeard) return this.#options.count("stale");
    this.#newestHeard = sequence;
    this.#hearPeer(control);
    this.#say("pong", nonce, from);
    if (!sameRoute(from, this.#route)) this.#ping(from, sequence);
  }

  #takeFarewell({ sequence }: PathControl): void {
    if (sequence <= this.#newestHeard) this.#options.count("stale");
    else this.#options.onLost("the other end broke it off");
  }

  #takeAnswer(control: PathControl, from: Route<Via>): void {
    const { kind, nonce } = control;
    const key = encodeHex(nonce);
    const ping = this.#pings.get(key);
    if (ping === undefined) return this.#options.count("stale");
    this.#pings.delete(key);
    if (kind === "gone") return this.#options.onLost("the other end has forgotten it");
    this.#rttMs = this.#options.clock.now() - ping.sentMs;
    if (ping.because > this.#movedBy && sameRoute(from, ping.route)) {
      this.#movedBy = ping.because;
      this.#follow(ping.route);
    }
    this.#hearPeer(control);
  }

  /** An authentic datagram: the peer is there, and says where it stands. */
  #hearPeer({ epoch, received, arrived }: PathControl): void {
    const nowMs = this.#options.clock.now();
    const silentMs = nowMs - this.#heardMs;
    const longMs = Math.max(REVIVED_MS, REVIVED_ROUND_TRIPS * (this.#rttMs ?? Infinity));
    this.#heard(nowMs);
    if (silentMs >= longMs) this.#options.onRevived();
    this.#told = true;
    this.#options.onState({ epoch, received, arrived });
  }

  #follow(route: Route<Via>): void {
    const from = this.#route;
    this.#route = route;
    this.#options.onMoved(route, from);
  }

  #ping(route: Route<Via>, because = 0n): void {
    const nonce = randomBytes(NONCE_BYTES);
    const [oldest] = this.#pings.keys();
    if (oldest !== undefined && this.#pings.size >= MAX_OPEN_PINGS) this.#pings.delete(oldest);
    this.#unanswered += 1;
    this.#pings.set(encodeHex(nonce), { route, because, sentMs: this.#options.clock.now() });
    this.#say("ping", nonce, route);
  }

  #say(kind: PathControl["kind"], nonce: Uint8Array, route: Route<Via>): void {
    this.#sequence += 1n;
    const stream = this.#options.remoteStream;
    const control = { kind, stream, sequence: this.#sequence, nonce, ...this.#options.state() };
    this.#options.send(this.#options.proof.prove(control), route);
  }

  #schedule(): void {
    this.#cancel?.();
    const { clock, limits } = this.#options;
    this.#idle = !this.#expecting(clock.now());
    const soonMs = this.#options.urgent() ? this.#urgentMs() : limits.pingActiveMs;
    const waitMs = this.#idle ? limits.pingIdleMs : soonMs;
    this.#cancel = clock.after(waitMs, () => this.#look());
  }

  /** Packets of the stream alone do not say that what waits has arrived. */
  #missing(silent: boolean, nowMs: number): boolean {
    const { urgent, waiting } = this.#options;
    return urgent() || (silent ? this.#expecting(nowMs) : waiting() && !this.#told);
  }

  #urgentMs(): number {
    const { pingActiveMs } = this.#options.limits;
    const roundTripMs = this.#rttMs ?? URGENT_UNKNOWN_MS;
    return Math.min(pingActiveMs, Math.max(LEAST_URGENT_MS, 2 * roundTripMs));
  }

  /** Whether silence would mean something. */
  #expecting(nowMs: number): boolean {
    const recent = nowMs - this.#activeMs < ACTIVE_MS;
    return recent || this.#unanswered > 0 || this.#options.waiting();
  }

  #look(): void {
    const { clock, limits, heard } = this.#options;
    const nowMs = clock.now();
    const packets = heard();
    const silent = packets === this.#packets;
    this.#packets = packets;
    if (!silent) {
      this.#activeMs = nowMs;
      this.#heard(nowMs);
    } else if (nowMs - this.#heardMs >= limits.silenceTimeoutMs) {
      return this.#options.onLost(`nothing was heard for ${limits.silenceTimeoutMs} ms`);
    }
    if (this.#idle || this.#missing(silent, nowMs)) this.#ping(this.#route);
    this.#told = false;
    this.#schedule();
  }

  #heard(nowMs: number): void {
    this.#heardMs = nowMs;
    this.#unanswered = 0;
  }
}

interface OpenPing<Via> {
  readonly route: Route<Via>;
  /** The ping of the peer that showed the new address; 0 for questions of our own. */
  readonly because: bigint;
  readonly sentMs: number;
}

function sameRoute<Via>(one: Route<Via>, other: Route<Via>): boolean {
  return one.via === other.via && sameEndpoint(one.remote, other.remote);
}
