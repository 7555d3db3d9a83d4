import { SealwireError } from "../core/model/errors.ts";

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
  return {
    maxDepth: checked("maxDepth", limits.maxDepth, 512),
    maxItems: checked("maxItems", limits.maxItems, 2 ** 31 - 1),
    maxRichValues: checked("maxRichValues", limits.maxRichValues, 2 ** 31 - 1),
    maxStringBytes: checked("maxStringBytes", limits.maxStringBytes, 2 ** 29 - 24),
    maxBinaryBytes: checked("maxBinaryBytes", limits.maxBinaryBytes, 2 ** 31 - 1),
    maxBytes: checked("maxBytes", limits.maxBytes, 2 ** 31 - 1),
  };
}

function checked(name: keyof MsgpackLimits, value: number | undefined, highest: number): number {
  const limit = value ?? DEFAULTS[name];
  if (Number.isInteger(limit) && limit >= 1 && limit <= highest) return limit;
  throw new SealwireError(
    "INVALID_ARGUMENT",
    `${name} is ${String(limit)}; give a whole number from 1 to ${highest}`,
  );
}
