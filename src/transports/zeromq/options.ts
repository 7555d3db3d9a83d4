import { checkPositive, checkWhole, wholeLimits } from "../../core/engine/check-options.ts";
import type { BoxCrypto } from "../../crypto/box.ts";
import { KEY_BYTES } from "../../crypto/provider.ts";
import { nodeBox } from "../../crypto/providers/node-box.node.ts";
import { randomBytes } from "../../crypto/random.ts";
import type { TcpOptions } from "../tcp/options.ts";
import { type CurveOptions, checkCurve } from "./curve-options.ts";

/** Limits of ZeroMQ channels beside those of the TCP they run over. */
export interface ZeromqLimitOptions extends TcpOptions {
  /**
   * The largest message that is received, all its parts together; a larger one ends the channel
   * with `TOO_LARGE` before memory is taken for it.
   *
   * @default 16_777_216
   */
  readonly maxMessageBytes?: number;
  /**
   * The most parts that one message may have; more end the channel with `TOO_LARGE`, because such
   * a message may have no end.
   *
   * @default 1_024
   */
  readonly maxParts?: number;
  /**
   * How long the greeting of ZMTP may take, from the first byte to the last; then the peer is cut
   * off.
   *
   * @default 10_000
   */
  readonly handshakeTimeoutMs?: number;
  /**
   * The most bytes that a peer may send as its greeting; more are not read.
   *
   * @default 8_192
   */
  readonly maxHandshakeBytes?: number;
}

/** How a ZeroMQ transport speaks. */
export interface ZeromqOptions extends ZeromqLimitOptions {
  /**
   * How long a peer may be silent before it is asked with `PING` whether it is there, and how long
   * it may take to say anything; then the iteration throws `UNAVAILABLE`. `false`: nobody is asked.
   * Peers of ZMTP 3.0 do not know the question and are never asked. What others ask is answered.
   *
   * @default 30_000
   */
  readonly heartbeatMs?: number | false;
  /** Encrypts with CURVE (RFC 26); without it, everything is sent in the clear. */
  readonly curve?: CurveOptions;
}

/** The limits with nothing left open. */
export type ZeromqLimits = Required<ZeromqLimitOptions>;

/** The options, checked, with nothing left open. */
export interface ZeromqSettings {
  readonly limits: ZeromqLimits;
  readonly heartbeatMs: number | false;
  readonly curve?: CurveKeys;
}

/** What CURVE works with. */
export interface CurveKeys {
  readonly crypto: BoxCrypto;
  readonly secretKey: Uint8Array;
  readonly publicKey: Uint8Array;
  /** Whether the secret key was given, so that others can know its public key. */
  readonly lasting: boolean;
  readonly serverKey?: Uint8Array;
  readonly authorize?: CurveOptions["authorize"];
}

/** What holds where nothing is said. */
export const ZEROMQ_DEFAULTS: ZeromqLimits & { readonly heartbeatMs: number } = Object.freeze({
  connectTimeoutMs: 10_000,
  closeTimeoutMs: 2_000,
  maxWaitingBytes: 65_536,
  writeBufferBytes: 131_072,
  maxPending: 1_024,
  maxMessageBytes: 16_777_216,
  maxParts: 1_024,
  handshakeTimeoutMs: 10_000,
  maxHandshakeBytes: 8_192,
  heartbeatMs: 30_000,
});

/** Beyond, timers of Node fire at once. */
const LONGEST_TIMER_MS = 2_147_483_647;

/** @throws `INVALID_ARGUMENT` for an option that makes no sense. */
export function zeromqSettings(options: ZeromqOptions): ZeromqSettings {
  const { heartbeatMs: defaultMs, ...defaults } = ZEROMQ_DEFAULTS;
  const limits = wholeLimits(defaults, options);
  const { curve, heartbeatMs = defaultMs } = options;
  for (const name of ["handshakeTimeoutMs", "connectTimeoutMs", "closeTimeoutMs"] as const) {
    checkWhole(name, limits[name], 1, LONGEST_TIMER_MS);
  }
  if (heartbeatMs !== false) {
    checkPositive({ heartbeatMs });
    checkWhole("heartbeatMs", heartbeatMs, 1, LONGEST_TIMER_MS);
  }
  return { limits, heartbeatMs, ...(curve === undefined ? {} : { curve: curveKeys(curve) }) };
}

function curveKeys(options: CurveOptions): CurveKeys {
  checkCurve(options);
  const { secretKey, serverKey, authorize } = options;
  const crypto = nodeBox();
  const own = secretKey ?? randomBytes(KEY_BYTES);
  return {
    crypto,
    secretKey: own,
    publicKey: crypto.publicKey(own),
    lasting: secretKey !== undefined,
    ...(serverKey === undefined ? {} : { serverKey }),
    ...(authorize === undefined ? {} : { authorize }),
  };
}
