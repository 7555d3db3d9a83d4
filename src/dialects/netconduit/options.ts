import type { MsgpackCodec } from "../../codecs/msgpack.ts";
import type { MsgpackLimits } from "../../codecs/msgpack-limits.ts";
import { plainMsgpack } from "../../codecs/plain-msgpack.ts";
import type { About } from "../../core/contracts/dialect.ts";
import { checkWhole, withDefaults } from "../../core/engine/check-options.ts";
import { MAX_CONTENT_BYTES } from "./frame.ts";

/** How netconduit is spoken; each side has its own. */
export interface NetconduitOptions {
  /**
   * Compresses what this side sends when it has more than 1,024 bytes and becomes shorter. What is
   * compressed is always understood. Off by default, as in the original: what mixes secrets with
   * text of an attacker's choice tells of them by its length.
   *
   * @default false
   */
  readonly compression?: boolean;
  /** What a compressed payload may become; more closes the connection. @default 16_777_216 */
  readonly maxInflatedBytes?: number;
  /**
   * How long a server says nothing after it has accepted a login, unless the client speaks first:
   * a client of the original loses what reaches it together with the answer to its login.
   *
   * @default 50
   */
  readonly quietMs?: number;
  /** A pause that the peer asked for ends after so long by itself. @default 30_000 */
  readonly maxPauseMs?: number;
  /** What a client says of itself. @default name and version of the client, as in its options */
  readonly clientInfo?: Pick<About, "name" | "version">;
  /** What one message may hold; a peer that sends more is disconnected. */
  readonly values?: MsgpackLimits;
  /** Milliseconds since the epoch, which stand in every frame; for tests. @default Date.now */
  readonly now?: () => number;
}

/** Options with everything filled in, and the codec that all sessions share. */
export interface NetconduitSettings {
  readonly compression: boolean;
  readonly maxInflatedBytes: number;
  readonly quietMs: number;
  readonly maxPauseMs: number;
  readonly clientInfo: Pick<About, "name" | "version">;
  readonly now: () => number;
  readonly codec: MsgpackCodec;
}

/** The numbers among the defaults of `NetconduitOptions`. */
export const NETCONDUIT_DEFAULTS: Readonly<
  Record<"maxInflatedBytes" | "quietMs" | "maxPauseMs", number>
> = Object.freeze({ maxInflatedBytes: 16_777_216, quietMs: 50, maxPauseMs: 30_000 });

/**
 * Fills in and checks.
 *
 * @throws `INVALID_ARGUMENT` naming the option, the value and what is allowed
 */
export function netconduitSettings(options: NetconduitOptions): NetconduitSettings {
  const { values, ...given } = options;
  const settings = withDefaults(
    { ...NETCONDUIT_DEFAULTS, compression: false, clientInfo: {}, now: Date.now },
    given,
  );
  const { maxInflatedBytes, quietMs, maxPauseMs } = settings;
  checkWhole("maxInflatedBytes", maxInflatedBytes, 1, MAX_INFLATED_BYTES);
  checkWhole("quietMs", quietMs, 0, MAX_QUIET_MS);
  checkWhole("maxPauseMs", maxPauseMs, 1, MAX_TIMER_MS);
  return { ...settings, codec: plainMsgpack({ maxBytes: MAX_CONTENT_BYTES, ...values }) };
}

/** Beyond it a codec could not take what came out. */
const MAX_INFLATED_BYTES = 1_073_741_824;
/** Longer, and calls of the application would wait for it. */
const MAX_QUIET_MS = 10_000;
/** What a timer can count. */
const MAX_TIMER_MS = 2_147_483_647;
