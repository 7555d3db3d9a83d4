import { SealwireError } from "../core/model/errors.ts";

/** What one JSON text may hold. */
export interface JsonLimits {
  /**
   * Levels of arrays and objects within each other, at most 512.
   *
   * @default 64
   */
  readonly maxDepth?: number;
  /**
   * Values in one text, all containers together; guards memory, for `[],[],[]…` grows thirtyfold.
   *
   * @default 1_000_000
   */
  readonly maxItems?: number;
  /**
   * Bytes of one text.
   *
   * @default 67_108_864 (64 MiB)
   */
  readonly maxBytes?: number;
}

const DEFAULTS: Required<JsonLimits> = Object.freeze({
  maxDepth: 64,
  maxItems: 1_000_000,
  maxBytes: 64 * 1024 * 1024,
});

/**
 * Limits with every default filled in.
 *
 * @throws `INVALID_ARGUMENT` naming the limit, its value and what is allowed.
 */
export function checkedJsonLimits(limits: JsonLimits): Required<JsonLimits> {
  const bounds = { ...DEFAULTS, ...limits };
  const highest = { maxDepth: 512, maxItems: 2 ** 31 - 1, maxBytes: 2 ** 29 - 24 };
  for (const name of ["maxDepth", "maxItems", "maxBytes"] as const) {
    const limit = bounds[name];
    if (Number.isInteger(limit) && limit >= 1 && limit <= highest[name]) continue;
    throw new SealwireError(
      "INVALID_ARGUMENT",
      `${name} is ${String(limit)}; give a whole number from 1 to ${highest[name]}`,
    );
  }
  return bounds;
}

/** @throws `TOO_LARGE` for more bytes than allowed. */
export function refuseLongJson(bytes: number, maxBytes: number): void {
  if (bytes <= maxBytes) return;
  throw new SealwireError("TOO_LARGE", `JSON has ${bytes} bytes, the limit is ${maxBytes}`);
}
