/** What a receive window is made of. */
export interface ReceiveWindowOptions {
  /** What may be sent before anything was granted. */
  readonly firstBytes: number;
  /** The window of a reader who lags, and of all at the beginning. */
  readonly lowBytes: number;
  /** The window of a reader who keeps up with a long path. */
  readonly highBytes: number;
}

/**
 * How much the other side may send. What is on its way counts, so on a long path the window is the
 * speed: it doubles while a reader takes more than half of it within a round trip (as Linux sizes
 * the windows of TCP; Fisk and Feng, "Dynamic right-sizing in TCP", 2001). A reader for whom something
 * waits all through a round trip lags: the window is low again, and nothing more is granted until
 * what waits has gone down.
 */
export class ReceiveWindow {
  readonly #options: ReceiveWindowOptions;
  #windowBytes: number;
  /** What the peer may still send. */
  #granted: number;
  /** What has come and was not taken. */
  #waiting = 0;
  #round: Round = { sinceMs: 0, takenBytes: 0, isKept: true };

  constructor(options: ReceiveWindowOptions) {
    this.#options = options;
    this.#windowBytes = options.lowBytes;
    this.#granted = options.firstBytes;
  }

  /** How large it is now, in bytes. */
  get windowBytes(): number {
    return this.#windowBytes;
  }

  /** Bytes have come. Says whether they were allowed. */
  received(bytes: number): boolean {
    this.#granted -= bytes;
    this.#waiting += bytes;
    return this.#granted >= 0;
  }

  /** The reader has taken bytes; the round trip may not be known yet. */
  taken(bytes: number, nowMs: number, roundTripMs: number | undefined): void {
    const round = this.#round;
    this.#waiting -= bytes;
    round.takenBytes += bytes;
    if (this.#waiting === 0) round.isKept = true;
    const tookMs = nowMs - round.sinceMs;
    if (roundTripMs === undefined || tookMs < roundTripMs) return;
    if (!round.isKept) this.#windowBytes = this.#options.lowBytes;
    // A round that was idle for longer tells nothing.
    else if (tookMs < 2 * roundTripMs + SLACK_MS) this.#grow(round.takenBytes);
    this.#round = { sinceMs: nowMs, takenBytes: 0, isKept: this.#waiting === 0 };
  }

  /**
   * What is to be granted now: a grant for each chunk would double the packets, and seldom ones leave
   * the sender with much that it does not know to have arrived.
   */
  toGrant(): number {
    const bytes = this.#windowBytes - this.#granted - this.#waiting;
    return bytes < Math.min(this.#windowBytes / 4, MOST_UNTOLD_BYTES) ? 0 : this.grant(bytes);
  }

  /** Grants so many for another reason. */
  grant(bytes: number): number {
    this.#granted += bytes;
    return bytes;
  }

  #grow(takenBytes: number): void {
    const { highBytes } = this.#options;
    if (takenBytes * 2 <= this.#windowBytes) return;
    this.#windowBytes = Math.max(this.#windowBytes, Math.min(2 * this.#windowBytes, highBytes));
  }
}

interface Round {
  readonly sinceMs: number;
  takenBytes: number;
  /** Whether the reader has once had everything. */
  isKept: boolean;
}

/** Timers and turns of the event loop are late. */
const SLACK_MS = 20;
const MOST_UNTOLD_BYTES = 262_144;
