import { Poly1305 } from "@noble/ciphers/_poly1305.js";
import { chacha20 } from "@noble/ciphers/chacha.js";
import { equalBytes } from "../../bytes/equal.ts";
import { checkKey, checkOpen, checkSeal, rejected } from "../lengths.ts";
import { type Aead, KEY_BYTES, TAG_BYTES } from "../provider.ts";

/**
 * ChaCha20-Poly1305 in plain JavaScript: no browser has it. Cipher and authenticator are noble's,
 * put together as RFC 8439, section 2.8, says; the library's own way of doing so brings twice the
 * checks, which a page would load. The vectors of Wycheproof hold for it as for every provider.
 */
export function nobleAead(key: Uint8Array): Aead {
  checkKey(key, "the key of a cipher");
  return {
    seal(nonce, ad, plaintext, out) {
      checkSeal(nonce, plaintext, out);
      const ciphertext = out.subarray(0, plaintext.length);
      // Copied first, since the two may overlap.
      ciphertext.set(plaintext);
      chacha20(key, nonce, ciphertext, ciphertext, 1);
      out.set(tagOf(key, nonce, ad, ciphertext), plaintext.length);
    },
    open(nonce, ad, sealed, out) {
      checkOpen(nonce, sealed, out);
      const ciphertext = sealed.subarray(0, out.length);
      const tag = tagOf(key, nonce, ad, ciphertext);
      if (!equalBytes(tag, sealed.subarray(out.length))) throw rejected();
      out.set(ciphertext);
      chacha20(key, nonce, out, out, 1);
    },
  };
}

/** The tag, under a key for this one nonce that is the begin of the key stream (section 2.6). */
function tagOf(
  key: Uint8Array,
  nonce: Uint8Array,
  ad: Uint8Array,
  ciphertext: Uint8Array,
): Uint8Array {
  const onceKey = chacha20(key, nonce, new Uint8Array(KEY_BYTES));
  const lengths = new DataView(new ArrayBuffer(TAG_BYTES));
  lengths.setBigUint64(0, BigInt(ad.length), true);
  lengths.setBigUint64(8, BigInt(ciphertext.length), true);
  const mac = new Poly1305(onceKey);
  for (const part of [ad, ciphertext]) mac.update(part).update(paddingOf(part));
  onceKey.fill(0);
  return mac.update(new Uint8Array(lengths.buffer)).digest();
}

/** Zeros up to a multiple of 16 bytes. */
function paddingOf({ length }: Uint8Array): Uint8Array {
  return new Uint8Array(-length & 15);
}
