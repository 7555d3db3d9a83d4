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
  ask(): void;
  /** The peer is gone. */
  lost(silentMs: number): void;
}

/** A timer this late tells that we were busy ourselves, not that the peer is gone. */
const LATE_MS = 1_000;

/**
 * Asks a silent peer and gives it up when it stays silent. Runs on its own timer, whatever the
 * handlers do; a process that was busy or asleep itself asks anew instead of blaming the peer.
 */
export function startHeartbeat(port: HeartbeatPort, options: HeartbeatOptions): () => void {
  const { intervalMs, timeoutMs } = { ...DEFAULT_HEARTBEAT, ...options };
  let cancel = () => {};
  let stopped = false;
  const wait = (ms: number, run: (lateMs: number) => void) => {
    // Asking can fail and end the connection, and with it this heartbeat.
    if (stopped) return;
    const due = port.clock.now() + ms;
    cancel = port.clock.after(ms, () => run(port.clock.now() - due));
  };
  const listen = (): void => {
    const silentMs = port.clock.now() - port.lastHeard();
    if (silentMs < intervalMs) return wait(intervalMs - silentMs, listen);
    port.ask();
    const askedAt = port.clock.now();
    wait(timeoutMs, (lateMs) => judge(askedAt, lateMs));
  };
  const judge = (askedAt: number, lateMs: number): void => {
    if (port.lastHeard() >= askedAt || lateMs > LATE_MS) return listen();
    port.lost(port.clock.now() - port.lastHeard());
  };
  wait(intervalMs, listen);
  return () => {
    stopped = true;
    cancel();
  };
}
