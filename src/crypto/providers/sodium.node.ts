import { checkKey, checkOpen, checkSeal, rejected } from "../lengths.ts";
import type { Aead, CryptoProvider } from "../provider.ts";
import { nodeCryptoProvider } from "./node.node.ts";
import { requireSodium } from "./require-sodium.node.ts";
import { agree, publicKey, type SodiumAgreement } from "./sodium-agreement.node.ts";

/**
 * The provider over `sodium-native`, the fastest for small records: no cipher object, and the
 * result is written where it is wanted. `undefined` where the package is not installed or has no
 * binary for this machine.
 */
export async function loadSodium(): Promise<CryptoProvider | undefined> {
  const sodium = requireSodium<Sodium>(USED);
  if (sodium === undefined) return undefined;
  return {
    // Hashes come from Node: sodium offers no HMAC-SHA-256 here, and is not faster at the rest.
    ...nodeCryptoProvider(),
    name: "sodium",
    aead: (key) => aead(sodium, key),
    publicKey: (secretKey) => publicKey(sodium, secretKey),
    agree: (secretKey, otherKey) => agree(sodium, secretKey, otherKey),
  };
}

/** The part of `sodium-native` that is used; the package has no types of its own. */
interface Sodium extends SodiumAgreement {
  crypto_aead_chacha20poly1305_ietf_encrypt(
    out: Uint8Array,
    plaintext: Uint8Array,
    ad: Uint8Array,
    unused: null,
    nonce: Uint8Array,
    key: Uint8Array,
  ): number;
  crypto_aead_chacha20poly1305_ietf_decrypt(
    out: Uint8Array,
    unused: null,
    sealed: Uint8Array,
    ad: Uint8Array,
    nonce: Uint8Array,
    key: Uint8Array,
  ): number;
}

const USED: readonly (keyof Sodium)[] = [
  "crypto_aead_chacha20poly1305_ietf_encrypt",
  "crypto_aead_chacha20poly1305_ietf_decrypt",
  "crypto_scalarmult_base",
  "crypto_scalarmult",
];

function aead(sodium: Sodium, key: Uint8Array): Aead {
  checkKey(key, "the key of a cipher");
  const {
    crypto_aead_chacha20poly1305_ietf_encrypt: encrypt,
    crypto_aead_chacha20poly1305_ietf_decrypt: decrypt,
  } = sodium;
  return {
    seal(nonce, ad, plaintext, out) {
      checkSeal(nonce, plaintext, out);
      encrypt(out, plaintext, ad, null, nonce, key);
    },
    open(nonce, ad, sealed, out) {
      checkOpen(nonce, sealed, out);
      try {
        decrypt(out, null, sealed, ad, nonce, key);
      } catch (cause) {
        throw rejected(cause);
      }
    },
  };
}
