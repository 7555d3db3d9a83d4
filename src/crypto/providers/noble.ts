import { contributory, refusedKey } from "../agreement.ts";
import { checkKey } from "../lengths.ts";
import type { CryptoProvider } from "../provider.ts";
import { NOBLE_SYMMETRIC } from "./noble-symmetric.ts";
import { x25519 } from "./noble-x25519.ts";

/**
 * The provider in plain JavaScript, which runs everywhere and is the slowest. A server would make
 * some 250 handshakes a second with it, so it is for clients.
 */
export function nobleCrypto(): CryptoProvider {
  return { name: "noble", ...NOBLE_SYMMETRIC, publicKey, agree };
}

function publicKey(secretKey: Uint8Array): Uint8Array {
  checkKey(secretKey, "the secret key");
  return x25519.getPublicKey(secretKey);
}

function agree(secretKey: Uint8Array, otherKey: Uint8Array): Uint8Array {
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
