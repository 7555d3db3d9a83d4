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

/**
 * Makes guessing expensive: scrypt (RFC 7914) with N = 2^15, r = 8, p = 1, that is 32 MiB and a
 * tenth of a second for each guess. The salt need not be secret, but differ from place to place.
 */
export async function stretch(text: string, salt: string | Uint8Array): Promise<Uint8Array> {
  // Few need it, so that a page loads it when it does.
  const { scryptAsync } = await import("@noble/hashes/scrypt.js");
  const saltBytes = typeof salt === "string" ? encodeUtf8(salt) : salt;
  // The same text typed on another keyboard may be composed in another way (RFC 8265, section 4).
  return scryptAsync(encodeUtf8(text.normalize("NFC")), saltBytes, STRETCHING);
}

const NOTHING: Uint8Array = new Uint8Array();
const STRETCHING = Object.freeze({ N: 2 ** 15, r: 8, p: 1, dkLen: HASH_BYTES });

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
    const input = new Uint8Array(block.length + info.length + 1);
    input.set(block);
    input.set(info, block.length);
    input[input.length - 1] = count;
    block = provider.hmacSha256(extracted, input);
    out.set(block.subarray(0, bytes - at), at);
  }
  return out;
}
