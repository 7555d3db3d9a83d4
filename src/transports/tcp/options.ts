import { wholeLimits } from "../../core/engine/check-options.ts";

/** Limits of TCP channels, connecting and listening. */
export interface TcpOptions {
  /**
   * How long a connection may take to come about, TLS included; then `UNAVAILABLE`.
   *
   * @default 10_000
   */
  readonly connectTimeoutMs?: number;
  /**
   * How long an orderly `close` waits for the peer to take the rest and to close too; then the
   * socket is destroyed.
   *
   * @default 2_000
   */
  readonly closeTimeoutMs?: number;
  /**
   * Received bytes that may wait for the reader; then the socket is not read any more, so that
   * the peer has to wait.
   *
   * @default 65_536
   */
  readonly maxWaitingBytes?: number;
  /**
   * Written bytes that may wait for the socket before `write` asks the writer to wait.
   *
   * @default 131_072
   */
  readonly writeBufferBytes?: number;
  /**
   * Accepted connections that may wait to be taken from a listener; more are cut off.
   *
   * @default 1_024
   */
  readonly maxPending?: number;
}

/** The options with nothing left open. */
export type TcpLimits = Required<TcpOptions>;

const DEFAULTS: TcpLimits = Object.freeze({
  connectTimeoutMs: 10_000,
  closeTimeoutMs: 2_000,
  maxWaitingBytes: 65_536,
  writeBufferBytes: 131_072,
  maxPending: 1_024,
});

/** @throws `INVALID_ARGUMENT` for an option that is no whole number from 1 on. */
export function tcpLimits(options: TcpOptions): TcpLimits {
  return wholeLimits(DEFAULTS, options);
}
