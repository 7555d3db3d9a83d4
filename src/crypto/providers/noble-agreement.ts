import { contributory, refusedKey } from "../agreement.ts";
import { checkKey } from "../lengths.ts";
import { x25519 } from "./noble-x25519.ts";

/** The X25519 public key of a secret one. */
export function publicKey(secretKey: Uint8Array): Uint8Array {
  checkKey(secretKey, "the secret key");
  return x25519.getPublicKey(secretKey);
}

/**
 * What a secret key and a public one agree on, by X25519 (RFC 7748).
 *
 * @throws `HANDSHAKE_FAILED` for a public key of low order
 */
export function agree(secretKey: Uint8Array, otherKey: Uint8Array): Uint8Array {
  checkKey(secretKey, "the secret key");
  checkKey(otherKey, "the public key");
  return contributory(sharedSecret(secretKey, otherKey));
}

function sharedSecret(secretKey: Uint8Array, otherKey: Uint8Array): Uint8Array {
  try {
    return x25519.getSharedSecret(secretKey, otherKey);
  } catch (cause) {
    // With lengths checked before, this is the only thing the library refuses.
    throw refusedKey(cause);
  }
}
