/** What one connection may cost; each limit says what happens beyond it. */
export interface ConnectionLimits {
  /**
   * The largest frame taken once the greeting is over. A larger one closes the connection with
   * `TOO_LARGE`; a value of ours that would need one fails alone with the same code.
   *
   * @default 16_777_216
   */
  readonly maxFrameBytes: number;
  /** The largest frame taken during the greeting, when nobody has proven anything. @default 16_384 */
  readonly maxHandshakeBytes: number;
  /** How long a greeting may take before the channel is closed. @default 10_000 */
  readonly handshakeTimeoutMs: number;
  /** Calls of the peer that run at once; one more is answered `RATE_LIMITED`. @default 4_096 */
  readonly maxIncomingCalls: number;
  /** Calls of ours that are open at once; further ones wait for their turn. @default 4_096 */
  readonly maxOutgoingCalls: number;
  /** Calls of ours that wait; one more is refused with `RATE_LIMITED`. @default 65_536 */
  readonly maxWaitingCalls: number;
  /**
   * Bytes of received stream items that nobody has taken yet. Beyond it nothing more is read
   * from this peer until somebody takes some.
   *
   * @default 33_554_432
   */
  readonly maxBufferedBytes: number;
  /**
   * Messages held back while the peer does not read. Beyond it nothing more is read from this
   * peer either, and the heartbeat gives it up if that lasts.
   *
   * @default 4_096
   */
  readonly maxHeldMessages: number;
  /**
   * About how many bytes of answers are held back while the peer does not read. Beyond it calls
   * are answered `RATE_LIMITED` in place of their results.
   *
   * @default 67_108_864
   */
  readonly maxHeldBytes: number;
}

/** The limits that hold unless an option says otherwise. */
export const DEFAULT_LIMITS: ConnectionLimits = Object.freeze({
  maxFrameBytes: 16_777_216,
  maxHandshakeBytes: 16_384,
  handshakeTimeoutMs: 10_000,
  maxIncomingCalls: 4_096,
  maxOutgoingCalls: 4_096,
  maxWaitingCalls: 65_536,
  maxBufferedBytes: 33_554_432,
  maxHeldMessages: 4_096,
  maxHeldBytes: 67_108_864,
});
