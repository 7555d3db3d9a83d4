import { encodeUtf8 } from "../bytes/text.ts";
import { SealwireError } from "../core/model/errors.ts";
import { type Hmac, hkdf } from "./derive.ts";

/** Fewer bits than this could be found by trying, as who records a handshake may try for years. */
export const MIN_SECRET_BITS = 128;

/**
 * The key of 32 bytes that a shared secret of so many bits stands for (see `secret-bits.ts`).
 *
 * @throws `INVALID_ARGUMENT`, which never shows the secret, when it could be guessed
 */
export function strongKey(secret: Uint8Array | string, bits: number, provider: Hmac): Uint8Array {
  checkBits(bits);
  const key = typeof secret === "string" ? encodeUtf8(secret) : secret;
  return hkdf(provider, { key, info: "sealwire/psk/v1" });
}

/** @throws `INVALID_ARGUMENT` below 128 */
export function checkBits(bits: number): void {
  if (bits >= MIN_SECRET_BITS) return;
  throw new SealwireError(
    "INVALID_ARGUMENT",
    `this shared secret looks like about ${Math.floor(bits)} bits and could be guessed from a ` +
      `recorded handshake; it must have ${MIN_SECRET_BITS}. ` +
      "Generate one, for example with: openssl rand -base64 32. " +
      "For what people think up and remember, use a password instead",
  );
}
