import { hsalsa, xsalsa20poly1305 } from "@noble/ciphers/salsa.js";
import type { BoxCrypto } from "../box.ts";
import { checkBox } from "../box-lengths.ts";
import { KEY_BYTES, TAG_BYTES } from "../provider.ts";
import { agree, publicKey } from "./noble-agreement.ts";

/** Boxes in plain JavaScript, which run everywhere; some 1,000 key agreements a second. */
export function nobleBox(): BoxCrypto {
  return { name: "noble", publicKey, boxKey, sealBox, openBox };
}

function boxKey(otherKey: Uint8Array, secretKey: Uint8Array): Uint8Array {
  return hashAgreed(agree(secretKey, otherKey));
}

/**
 * HSalsa20 of what X25519 arrived at, with an input of zeros ("Cryptography in NaCl", section 8).
 * Wipes `agreed`.
 */
export function hashAgreed(agreed: Uint8Array): Uint8Array {
  const key = new Uint8Array(KEY_BYTES);
  // Copied, because words want an alignment that a view into another array need not have.
  const words = new Uint32Array(agreed.slice().buffer);
  hsalsa(SIGMA, words, new Uint32Array(4), new Uint32Array(key.buffer));
  words.fill(0);
  agreed.fill(0);
  return key;
}

/** "expand 32-byte k" in four words, the constant of Salsa20 (its specification, section 9). */
const SIGMA: Uint32Array = new Uint32Array(
  Uint8Array.from("expand 32-byte k", (letter) => letter.charCodeAt(0)).buffer,
);

/** As `BoxCrypto` has it. */
export function sealBox(key: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array): Uint8Array {
  checkBox(key, nonce);
  return xsalsa20poly1305(key, nonce).encrypt(plaintext);
}

/** As `BoxCrypto` has it. */
export function openBox(
  key: Uint8Array,
  nonce: Uint8Array,
  box: Uint8Array,
): Uint8Array | undefined {
  checkBox(key, nonce);
  if (box.length < TAG_BYTES) return undefined;
  try {
    return xsalsa20poly1305(key, nonce).decrypt(box);
  } catch {
    // With lengths checked before, the library throws only when the tag does not fit.
    return undefined;
  }
}
