import { contributory, refusedKey } from "../agreement.ts";
import { checkKey } from "../lengths.ts";
import { KEY_BYTES } from "../provider.ts";

/** X25519 as `sodium-native` has it. */
export interface SodiumAgreement {
  crypto_scalarmult_base(out: Uint8Array, secretKey: Uint8Array): void;
  crypto_scalarmult(out: Uint8Array, secretKey: Uint8Array, publicKey: Uint8Array): void;
}

/** The X25519 public key of a secret one. */
export function publicKey(sodium: SodiumAgreement, secretKey: Uint8Array): Uint8Array {
  checkKey(secretKey, "the secret key");
  const out = new Uint8Array(KEY_BYTES);
  sodium.crypto_scalarmult_base(out, secretKey);
  return out;
}

/**
 * What a secret key and a public one agree on, by X25519 (RFC 7748).
 *
 * @throws `HANDSHAKE_FAILED` for a public key of low order
 */
export function agree(
  sodium: SodiumAgreement,
  secretKey: Uint8Array,
  otherKey: Uint8Array,
): Uint8Array {
  checkKey(secretKey, "the secret key");
  checkKey(otherKey, "the public key");
  const out = new Uint8Array(KEY_BYTES);
  try {
    sodium.crypto_scalarmult(out, secretKey, otherKey);
  } catch (cause) {
    // With lengths checked before, sodium refuses only points of low order.
    throw refusedKey(cause);
  }
  return contributory(out);
}
