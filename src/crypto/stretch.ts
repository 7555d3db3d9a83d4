import { encodeUtf8 } from "../bytes/text.ts";
import { HASH_BYTES } from "./provider.ts";

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

const STRETCHING = Object.freeze({ N: 2 ** 15, r: 8, p: 1, dkLen: HASH_BYTES });
