import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { checkKey, checkOpen, checkSeal, rejected } from "../lengths.ts";
import type { Aead } from "../provider.ts";

/** ChaCha20-Poly1305 in plain JavaScript: no browser has it. */
export function nobleAead(key: Uint8Array): Aead {
  checkKey(key, "the key of a cipher");
  return {
    seal(nonce, ad, plaintext, out) {
      checkSeal(nonce, plaintext, out);
      chacha20poly1305(key, nonce, ad).encrypt(plaintext, out);
    },
    open(nonce, ad, sealed, out) {
      checkOpen(nonce, sealed, out);
      try {
        chacha20poly1305(key, nonce, ad).decrypt(sealed, out);
      } catch (cause) {
        throw rejected(cause);
      }
    },
  };
}
