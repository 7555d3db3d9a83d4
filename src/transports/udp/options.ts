import type { Clock } from "../../core/contracts/clock.ts";
import { wholeLimits } from "../../core/engine/check-options.ts";

/** Limits and times of channels over UDP, connecting and listening. */
export interface UdpOptions {
  /**
   * How long an opening may take; then `UNAVAILABLE`. UDP does not tell that nobody is there.
   *
   * @default 10_000
   */
  readonly connectTimeoutMs?: number;
  /**
   * How long an orderly `close` waits for the peer to take the rest and to close too; then the
   * stream is broken off.
   *
   * @default 2_000
   */
  readonly closeTimeoutMs?: number;
  /**
   * Received bytes that may wait for a reader who lags; the peer is told, and is cut off when it
   * sends more.
   *
   * @default 4_194_304
   */
  readonly maxWaitingBytes?: number;
  /**
   * What may be on its way at once to a reader who keeps up, which grows up to this on a long path:
   * the speed there is at most this many bytes per round trip. So many may wait when such a reader
   * stops. Less than `maxWaitingBytes` means as much as that.
   *
   * @default 16_777_216
   */
  readonly maxWindowBytes?: number;
  /**
   * Opened channels that may wait to be taken from a listener; more are refused.
   *
   * @default 1_024
   */
  readonly maxPending?: number;
  /**
   * Open channels of one socket; more are refused.
   *
   * @default 16_384
   */
  readonly maxChannels?: number;
  /**
   * After so much silence the path is asked for, while bytes move or should move. Shorter notices
   * sooner that a router has changed our address.
   *
   * @default 250
   */
  readonly pingActiveMs?: number;
  /**
   * How often it is asked for while nothing moves. Longer than 30 seconds loses the mappings of
   * common routers.
   *
   * @default 15_000
   */
  readonly pingIdleMs?: number;
  /**
   * After so much silence the path is lost.
   *
   * @default 30_000
   */
  readonly silenceTimeoutMs?: number;
  /**
   * What the kernel may hold for the socket. Less than a burst of packets means loss; the kernel
   * takes less in silence where its own limit is lower.
   *
   * @default 4_194_304
   */
  readonly socketBufferBytes?: number;
}

/** The options with nothing left open. */
export interface UdpLimits extends Required<UdpOptions> {}

/** What a channel over UDP works with. */
export interface UdpSurroundings {
  readonly limits: UdpLimits;
  readonly clock: Clock;
}

/** What holds where no option says otherwise. */
export const UDP_DEFAULTS: UdpLimits = Object.freeze({
  connectTimeoutMs: 10_000,
  closeTimeoutMs: 2_000,
  maxWaitingBytes: 4_194_304,
  maxWindowBytes: 16_777_216,
  maxPending: 1_024,
  maxChannels: 16_384,
  pingActiveMs: 250,
  pingIdleMs: 15_000,
  silenceTimeoutMs: 30_000,
  socketBufferBytes: 4_194_304,
});

/** @throws `INVALID_ARGUMENT` for an option that is no whole number from 1 to 2^31 - 1. */
export function udpLimits(options: UdpOptions): UdpLimits {
  return wholeLimits(UDP_DEFAULTS, options, 2 ** 31 - 1);
}
