/** What a heartbeat asks of its channel. */
export interface HeartbeatPort {
  /** Whether the peer is being read: silence of one who is not read tells nothing. */
  readonly listening: boolean;
  /** Asks whether the peer is there. */
  ask(intervalMs: number): void;
  /** The peer has been silent too long. */
  lost(silentMs: number): void;
}

/**
 * Asks the peer for a sign of life when nothing came, or nothing left, for an interval; gives it
 * up when nothing has come an interval later. Also keeps the time that the peer set for itself.
 */
export class Heartbeat {
  readonly #port: HeartbeatPort;
  readonly #timer?: NodeJS.Timeout;
  #limit: NodeJS.Timeout | undefined;
  #heard = true;
  #sent = true;
  #asked = false;

  /** Without an interval nobody is asked; the time that the peer set is kept all the same. */
  constructor(port: HeartbeatPort, intervalMs: number | undefined) {
    this.#port = port;
    if (intervalMs === undefined) return;
    // The socket keeps the process alive, not the heartbeat.
    this.#timer = setInterval(() => this.#tick(intervalMs), intervalMs).unref();
  }

  /** Something came. */
  heard(): void {
    this.#heard = true;
    if (this.#limit === undefined) return;
    clearTimeout(this.#limit);
    this.#limit = undefined;
  }

  /** Something left. */
  sent(): void {
    this.#sent = true;
  }

  /** The peer says that it will not be silent for longer than this (0: it may be). */
  expectWithin(ttlMs: number): void {
    clearTimeout(this.#limit);
    if (ttlMs === 0) return;
    this.#limit = setTimeout(() => {
      this.#heard = false;
      this.#judge(ttlMs);
    }, ttlMs).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    clearTimeout(this.#limit);
  }

  #tick(intervalMs: number): void {
    if (this.#asked && !this.#heard && this.#port.listening) {
      this.#judge(intervalMs);
      return;
    }
    this.#asked = !this.#heard || !this.#sent;
    this.#heard = false;
    this.#sent = false;
    if (this.#asked) this.#port.ask(intervalMs);
  }

  /**
   * When the process itself was busy for long, timers come before what has arrived meanwhile: so
   * that is looked at first.
   */
  #judge(silentMs: number): void {
    setImmediate(() => {
      if (!this.#heard && this.#port.listening) this.#port.lost(silentMs);
    });
  }
}
