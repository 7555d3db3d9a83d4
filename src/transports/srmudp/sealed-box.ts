import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from "node:crypto";

/** What a box adds to its content: the nonce and the tag before it. */
export const BOX_BYTES = 32;

/** AES-256-GCM (SP 800-38D) under one key, as `nonce(16) ‖ tag(16) ‖ ciphertext`. */
export interface Box {
  /** The nonce is 16 bytes and never comes twice. */
  seal(nonce: Uint8Array, plaintext: Uint8Array): Uint8Array;
  /** The content; `undefined` when it was not sealed with this key, or was changed. */
  open(box: Uint8Array): Uint8Array | undefined;
}

/** The boxes of one key of 32 bytes. */
export function boxFor(key: Uint8Array): Box {
  const keyObject = createSecretKey(key);
  return {
    seal: (nonce, plaintext) => seal(keyObject, nonce, plaintext),
    open: (box) => (box.length < BOX_BYTES ? undefined : open(keyObject, box)),
  };
}

const CIPHER = "aes-256-gcm";

function seal(key: KeyObject, nonce: Uint8Array, plaintext: Uint8Array): Uint8Array {
  const box = new Uint8Array(BOX_BYTES + plaintext.length);
  const cipher = createCipheriv(CIPHER, key, nonce);
  box.set(nonce);
  box.set(cipher.update(plaintext), BOX_BYTES);
  cipher.final();
  box.set(cipher.getAuthTag(), 16);
  return box;
}

function open(key: KeyObject, box: Uint8Array): Uint8Array | undefined {
  const decipher = createDecipheriv(CIPHER, key, box.subarray(0, 16));
  decipher.setAuthTag(box.subarray(16, BOX_BYTES));
  // OpenSSL decrypts before it judges: the plaintext is held back until the tag has fitted.
  const plaintext = decipher.update(box.subarray(BOX_BYTES));
  try {
    decipher.final();
  } catch {
    plaintext.fill(0);
    return undefined;
  }
  return new Uint8Array(plaintext.buffer, plaintext.byteOffset, plaintext.length);
}
