import { SealwireError } from "../core/model/errors.ts";
import { checkedJsonLimits, type JsonLimits, refuseLongJson } from "./json-limits.ts";
import { requireJson } from "./json-value.ts";
import { skimJson } from "./skim-json.ts";
import type { ValueCodec } from "./value-codec.ts";

export type { JsonLimits } from "./json-limits.ts";

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
  const bounds = checkedJsonLimits(limits);
  const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const encoder = new TextEncoder();
  return {
    encode(value) {
      const bytes = encoder.encode(format(value, bounds));
      refuseLongJson(bytes.length, bounds.maxBytes);
      return bytes;
    },
    decode(bytes) {
      refuseLongJson(bytes.length, bounds.maxBytes);
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
