import type { Hmac } from "./derive.ts";
import { secretBits } from "./secret-bits.ts";
import { checkBits, strongKey } from "./strong-key.ts";

export { secretBits } from "./secret-bits.ts";
export { MIN_SECRET_BITS } from "./strong-key.ts";

/**
 * The key of 32 bytes that a shared secret stands for, after a look at its strength.
 *
 * @throws `INVALID_ARGUMENT`, which never shows the secret, when it could be guessed
 */
export function secretKey(secret: Uint8Array | string, provider: Hmac): Uint8Array {
  return strongKey(secret, secretBits(secret), provider);
}

/** @throws `INVALID_ARGUMENT`, which never shows the secret, when it could be guessed */
export function checkSecret(secret: Uint8Array | string): void {
  checkBits(secretBits(secret));
}
