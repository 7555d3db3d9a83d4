import { checkWhole, wholeLimits } from "../core/engine/check-options.ts";

/** What one msgpack message may hold. Both directions obey, so that what leaves also arrives. */
export interface MsgpackLimits {
  /**
   * Levels of arrays and maps within each other; guards the stack of whoever walks the value.
   * At most 512.
   *
   * @default 64
   */
  readonly maxDepth?: number;
  /**
   * Values in one message, all containers together: an empty map is one byte on the wire and some
   * sixty in memory, so a limit for each container alone would not bound what a message costs.
   * A million values stay below about 100 MB. Long rows of numbers travel cheaper as typed arrays.
   *
   * @default 1_000_000
   */
  readonly maxItems?: number;
  /**
   * Maps, sets and errors in one message: each costs about as much as a hundred plain values.
   *
   * @default 10_000
   */
  readonly maxRichValues?: number;
  /**
   * UTF-8 bytes of one string; beyond it the engine's own limit for strings is near.
   *
   * @default 67_108_864 (64 MiB)
   */
  readonly maxStringBytes?: number;
  /**
   * Bytes of one binary, buffer or typed array.
   *
   * @default 67_108_864 (64 MiB)
   */
  readonly maxBinaryBytes?: number;
  /**
   * Bytes of one encoded message.
   *
   * @default 134_217_728 (128 MiB)
   */
  readonly maxBytes?: number;
}

const DEFAULTS: Required<MsgpackLimits> = Object.freeze({
  maxDepth: 64,
  maxItems: 1_000_000,
  maxRichValues: 10_000,
  maxStringBytes: 64 * 1024 * 1024,
  maxBinaryBytes: 64 * 1024 * 1024,
  maxBytes: 128 * 1024 * 1024,
});

/**
 * Every limit filled in and looked at.
 *
 * @throws `INVALID_ARGUMENT` for a limit that is no whole number from 1 to its highest.
 */
export function checkedLimits(limits: MsgpackLimits): Required<MsgpackLimits> {
  const all = wholeLimits(DEFAULTS, limits, 2 ** 31 - 1);
  checkWhole("maxDepth", all.maxDepth, 1, 512);
  checkWhole("maxStringBytes", all.maxStringBytes, 1, 2 ** 29 - 24);
  return all;
}
