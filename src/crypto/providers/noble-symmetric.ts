import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { checkKey, checkOpen, checkSeal, rejected } from "../lengths.ts";
import type { Aead, CryptoProvider } from "../provider.ts";

/** Everything of a provider but X25519, in plain JavaScript: what browsers lack or make slow. */
export const NOBLE_SYMMETRIC: Pick<CryptoProvider, "aead" | "sha256" | "hmacSha256"> =
  Object.freeze({
    aead,
    sha256: (data: Uint8Array) => sha256(data),
    hmacSha256: (key: Uint8Array, data: Uint8Array) => hmac(sha256, key, data),
  });

function aead(key: Uint8Array): Aead {
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
