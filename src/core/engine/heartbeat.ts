import type { Clock } from "../contracts/clock.ts";

/** When a silent peer is asked, and when it is given up. */
export interface HeartbeatOptions {
  /**
   * How long a peer may be silent before it is asked whether it is there.
   * Shorter finds the dead sooner and wakes sleeping phones more often.
   *
   * @default 30_000
   */
  readonly intervalMs?: number;
  /** How long it may then take to say anything at all before it counts as gone. @default 15_000 */
  readonly timeoutMs?: number;
}

/** The heartbeat that holds unless an option says otherwise. */
export const DEFAULT_HEARTBEAT: Required<HeartbeatOptions> = Object.freeze({
  intervalMs: 30_000,
  timeoutMs: 15_000,
});

/** What a heartbeat needs of its connection. */
export interface HeartbeatPort {
  readonly clock: Clock;
  /** When the peer was last heard, in milliseconds since the epoch. */
  lastHeard(): number;
  /** Whether we do not read ourselves just now, so that silence says nothing of the peer. */
  deaf(): boolean;
  ask(): void;
  /** The peer is gone. Returns whether it may come back over another channel. */
  lost(silentMs: number): boolean;
}

/** A timer this late tells that we were busy ourselves, not that the peer is gone. */
const LATE_MS = 1_000;

/**
 * Asks a silent peer and gives it up when it stays silent. Runs on its own timer, whatever the
 * handlers do; a process that was busy or asleep itself asks anew instead of blaming the peer.
 */
export function startHeartbeat(port: HeartbeatPort, options: HeartbeatOptions): () => void {
  const heartbeat = new Heartbeat(port, options);
  heartbeat.listen();
  return () => heartbeat.stop();
}

class Heartbeat {
  readonly #port: HeartbeatPort;
  readonly #intervalMs: number;
  readonly #timeoutMs: number;
  #cancel: (() => void) | undefined;
  #stopped = false;

  constructor(port: HeartbeatPort, { intervalMs, timeoutMs }: HeartbeatOptions) {
    this.#port = port;
    this.#intervalMs = intervalMs ?? DEFAULT_HEARTBEAT.intervalMs;
    this.#timeoutMs = timeoutMs ?? DEFAULT_HEARTBEAT.timeoutMs;
  }

  /** Waits until the peer has been silent for too long, then asks. */
  listen(): void {
    if (this.#port.deaf()) {
      // The peer gets no answer while we do not read, and must not take us for gone.
      this.#port.ask();
      return this.#wait(this.#intervalMs, () => this.listen());
    }
    const silentMs = this.#port.clock.now() - this.#port.lastHeard();
    if (silentMs < this.#intervalMs) {
      return this.#wait(this.#intervalMs - silentMs, () => this.listen());
    }
    this.#port.ask();
    const askedAt = this.#port.clock.now();
    this.#wait(this.#timeoutMs, (lateMs) => this.#judge(askedAt, lateMs));
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
  }

  #judge(askedAt: number, lateMs: number): void {
    const { clock } = this.#port;
    const heard = this.#port.lastHeard() >= askedAt;
    if (heard || lateMs > LATE_MS || this.#port.deaf()) return this.listen();
    if (this.#port.lost(clock.now() - this.#port.lastHeard())) this.listen();
  }

  #wait(ms: number, run: (lateMs: number) => void): void {
    // Asking can fail and end the connection, and with it this heartbeat.
    if (this.#stopped) return;
    const { clock } = this.#port;
    const due = clock.now() + ms;
    this.#cancel = clock.after(ms, () => run(clock.now() - due));
  }
}
