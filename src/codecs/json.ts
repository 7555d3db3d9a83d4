import { SealwireError } from "../core/model/errors.ts";
import { requireJson } from "./json-value.ts";
import { skimJson } from "./skim-json.ts";
import type { ValueCodec } from "./value-codec.ts";

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
 * Values as JSON text in UTF-8 (RFC 8259). What JSON cannot hold is refused instead of changed in
 * silence: `NaN`, infinities, bytes, bigint, maps, sets, functions, classes. A `Date` becomes its
 * ISO text, as JSON does it; `undefined` is left out of objects and is `null` elsewhere. Numbers
 * beyond 2^53 lose digits on arrival, as RFC 8259 section 6 warns. Own keys named `__proto__` are
 * refused in both directions.
 *
 * @throws `INVALID_ARGUMENT` for an impossible limit.
 */
export function jsonCodec(limits: JsonLimits = {}): ValueCodec {
  const bounds = checkedLimits(limits);
  const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const encoder = new TextEncoder();
  return {
    encode(value) {
      const bytes = encoder.encode(format(value, bounds));
      refuseLong(bytes, bounds.maxBytes);
      return bytes;
    },
    decode(bytes) {
      refuseLong(bytes, bounds.maxBytes);
      const text = textOf(utf8, bytes);
      skimJson(text, bounds);
      return parse(text);
    },
  };
}

function format(value: unknown, bounds: Required<JsonLimits>): string {
  try {
    requireJson(value, bounds);
    return JSON.stringify(value) ?? "null";
  } catch (thrown) {
    // A getter of the value may throw whatever it likes.
    throw SealwireError.from(thrown, "INVALID_ARGUMENT");
  }
}

function checkedLimits(limits: JsonLimits): Required<JsonLimits> {
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

function refuseLong(bytes: Uint8Array, maxBytes: number): void {
  if (bytes.length <= maxBytes) return;
  throw new SealwireError("TOO_LARGE", `JSON has ${bytes.length} bytes, the limit is ${maxBytes}`);
}

function textOf(utf8: TextDecoder, bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new SealwireError("PROTOCOL_VIOLATION", "JSON is not UTF-8");
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The engine's message would quote the text, which may hold secrets.
    throw new SealwireError("PROTOCOL_VIOLATION", "JSON is malformed");
  }
}
