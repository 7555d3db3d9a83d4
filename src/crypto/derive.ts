import { join } from "../bytes/join.ts";
import { encodeUtf8 } from "../bytes/text.ts";
import { SealwireError } from "../core/model/errors.ts";
import { type CryptoProvider, HASH_BYTES } from "./provider.ts";

/** What HKDF makes its keys from. */
export interface HkdfInput {
  readonly key: Uint8Array;
  /** @default nothing, which is the same as 32 zero bytes */
  readonly salt?: Uint8Array;
  /** What the result is for, so that one key serves several purposes without mixing them up. */
  readonly info?: string | Uint8Array;
  /** @default 32 */
  readonly bytes?: number;
}

/** The part of a provider that HKDF needs. */
export type Hmac = Pick<CryptoProvider, "hmacSha256">;

/**
 * Keys from a key: HKDF with SHA-256 (RFC 5869). For strong keys only; what people think up goes
 * through `stretch` first.
 *
 * @throws `INVALID_ARGUMENT` beyond 8160 bytes, where HKDF ends
 */
export function hkdf(provider: Hmac, input: HkdfInput): Uint8Array {
  const { key, salt = NOTHING, info = NOTHING, bytes = HASH_BYTES } = input;
  if (!Number.isInteger(bytes) || bytes < 0 || bytes > 255 * HASH_BYTES) {
    throw new SealwireError(
      "INVALID_ARGUMENT",
      `HKDF cannot give ${bytes} bytes; ask for 0 to ${255 * HASH_BYTES}`,
    );
  }
  const extracted = provider.hmacSha256(salt, key);
  const result = expand(
    provider,
    extracted,
    typeof info === "string" ? encodeUtf8(info) : info,
    bytes,
  );
  extracted.fill(0);
  return result;
}

const NOTHING: Uint8Array = new Uint8Array();

/** RFC 5869, section 2.3. */
function expand(
  provider: Hmac,
  extracted: Uint8Array,
  info: Uint8Array,
  bytes: number,
): Uint8Array {
  const out = new Uint8Array(bytes);
  let block: Uint8Array = NOTHING;
  for (let count = 1, at = 0; at < bytes; count++, at += HASH_BYTES) {
    block = provider.hmacSha256(extracted, join([block, info, Uint8Array.of(count)]));
    out.set(block.subarray(0, bytes - at), at);
  }
  return out;
}
