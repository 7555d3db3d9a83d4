/**
 * The boxes of NaCl ("Cryptography in NaCl", D. J. Bernstein, 2009): X25519, HSalsa20 and
 * XSalsa20-Poly1305. All providers yield the same bytes, and everything is synchronous, because
 * sessions are.
 */
export interface BoxCrypto {
  /** `"sodium"`, `"node"` or `"noble"`; for logs. */
  readonly name: string;
  /** The X25519 public key (RFC 7748) of any 32 random bytes. */
  publicKey(secretKey: Uint8Array): Uint8Array;
  /**
   * The key that two peers share: HSalsa20 of what X25519 arrives at (`crypto_box_beforenm`).
   * Expensive, so it is made once for each peer key.
   *
   * @throws `HANDSHAKE_FAILED` for a public key of low order, `INVALID_ARGUMENT` for a wrong length
   */
  boxKey(publicKey: Uint8Array, secretKey: Uint8Array): Uint8Array;
  /**
   * Tag (16 bytes) and ciphertext, as `crypto_secretbox_easy` writes them. The same nonce twice
   * under one key opens both boxes to everybody.
   *
   * @throws `INVALID_ARGUMENT` unless the key has 32 bytes and the nonce 24
   */
  sealBox(key: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array): Uint8Array;
  /** The plaintext; `undefined` when the box was not sealed with this key and nonce, or changed. */
  openBox(key: Uint8Array, nonce: Uint8Array, box: Uint8Array): Uint8Array | undefined;
}

/** Bytes of a nonce of XSalsa20: enough to be chosen at random. */
export const BOX_NONCE_BYTES = 24;
