import type { Clock } from "../../core/contracts/clock.ts";
import { checkWhole, invalidOption, wholeLimits } from "../../core/engine/check-options.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { systemClock } from "./system-clock.ts";

/** Limits and times of SRMUDP links. */
export interface SrmudpLimits {
  /**
   * The longest pause between two signs of life, and between two tries to open the way at most.
   *
   * @default 3_000
   */
  readonly spanMs: number;
  /**
   * After so long without a sign of life the link is lost.
   *
   * @default 21_000
   */
  readonly timeoutMs: number;
  /**
   * How long a `connect` of the transport waits for the peer; a link waits without end.
   *
   * @default 10_000
   */
  readonly connectTimeoutMs: number;
  /**
   * How long an orderly close waits until everything is acknowledged; then the rest is lost.
   *
   * @default 5_000
   */
  readonly closeTimeoutMs: number;
  /**
   * The largest message that is received; a larger one ends the link with `TOO_LARGE`.
   *
   * @default 16_777_216
   */
  readonly maxMessageBytes: number;
  /**
   * Received bytes that may wait for the reader; then the peer is made to wait.
   *
   * @default 4_194_304
   */
  readonly maxWaitingBytes: number;
  /**
   * Received bytes that may be held until a gap before them is filled; more are dropped, and have
   * to be sent again.
   *
   * @default 8_388_608
   */
  readonly maxHeldBytes: number;
  /**
   * Handed over and not acknowledged bytes, from which on a writer is asked to wait.
   *
   * @default 2_097_152
   */
  readonly writeBufferBytes: number;
  /**
   * Peers of a listener that have not finished their greeting, or wait to be taken; more are not
   * answered.
   *
   * @default 256
   */
  readonly maxPending: number;
}

/** Whom a link believes, and its limits. */
export interface SrmudpOptions extends Partial<SrmudpLimits> {
  /**
   * What both sides know: only who has it comes through, and nobody in between. Only for peers of
   * ours; an original does not know of it. Whoever records the handshake can try guesses, so use
   * one that was made by chance (`sealwire keygen`), not a word.
   */
  readonly secret?: string | Uint8Array;
  /**
   * The peer's public key, as `publicKeyPin` gives it: no other is believed. For peers of ours
   * with a kept `secretKey`; originals make a new one for each try. Where both sides keep a key,
   * both must pin the other's.
   */
  readonly pin?: string;
  /**
   * A kept secret key of P-256, 32 bytes, so that peers can know us by `pin`; not together with a
   * `secret`. What was sealed can be opened by who gets hold of it later.
   *
   * @default a fresh one for each link and after each break
   */
  readonly secretKey?: Uint8Array;
  /** For tests: time that stands still. */
  readonly clock?: Clock;
  /** For tests: where the numbers of packets begin; both sides must use the same. @default 1 */
  readonly firstSequence?: number;
}

/** The options, checked, with nothing left open. */
export interface SrmudpSettings extends SrmudpLimits {
  readonly secret: string | Uint8Array | undefined;
  readonly pin: string | undefined;
  readonly secretKey: Uint8Array | undefined;
  readonly clock: Clock;
  readonly firstSequence: number;
}

/** What holds where nothing is said. */
export const SRMUDP_DEFAULTS: SrmudpLimits = Object.freeze({
  spanMs: 3_000,
  timeoutMs: 21_000,
  connectTimeoutMs: 10_000,
  closeTimeoutMs: 5_000,
  maxMessageBytes: 16_777_216,
  maxWaitingBytes: 4_194_304,
  maxHeldBytes: 8_388_608,
  writeBufferBytes: 2_097_152,
  maxPending: 256,
});

/** @throws `INVALID_ARGUMENT` for an option that makes no sense. */
export function srmudpSettings(options: SrmudpOptions): SrmudpSettings {
  const limits = wholeLimits(SRMUDP_DEFAULTS, options);
  const { secret, pin, secretKey, clock = systemClock(), firstSequence = 1 } = options;
  for (const name of TIMES) checkWhole(name, limits[name], 1, LONGEST_TIMER_MS);
  checkWhole("firstSequence", firstSequence, 0, 0xffff_ffff);
  // The values are not shown: they are secret.
  if (secret !== undefined && secret.length === 0) {
    throw invalidOption("secret", "empty", "a text or bytes, made by chance");
  }
  if (secretKey !== undefined && secret !== undefined) {
    const message = "secret and secretKey are given; a secret proves both sides and needs no key";
    throw new SealwireError("INVALID_ARGUMENT", message);
  }
  if (pin !== undefined && !/^[0-9a-f]{64}$/i.test(pin)) {
    throw invalidOption("pin", pin, "64 hexadecimal digits; publicKeyPin makes them");
  }
  return { ...limits, secret, pin, secretKey, clock, firstSequence };
}

const TIMES = ["spanMs", "timeoutMs", "connectTimeoutMs", "closeTimeoutMs"] as const;

/** Beyond, timers of Node fire at once. */
const LONGEST_TIMER_MS = 2_147_483_647;
