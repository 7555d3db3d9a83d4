/** ChaCha20-Poly1305 (RFC 8439, section 2.8) under one key. */
export interface Aead {
  /**
   * Writes ciphertext and tag into `out` (`plaintext.length + 16` bytes). `plaintext` may be the
   * beginning of `out`. The same nonce twice under one key breaks both records: who counts, counts
   * up.
   *
   * @throws `INVALID_ARGUMENT` when a length does not fit
   */
  seal(nonce: Uint8Array, ad: Uint8Array, plaintext: Uint8Array, out: Uint8Array): void;
  /**
   * Opens ciphertext and tag into `out` (`sealed.length - 16` bytes), which may be the beginning
   * of `sealed`. When it throws, `out` holds no plaintext, but what it held may be gone.
   *
   * @throws `RECORD_REJECTED` when the tag does not fit; `INVALID_ARGUMENT` when a length does not
   */
  open(nonce: Uint8Array, ad: Uint8Array, sealed: Uint8Array, out: Uint8Array): void;
}

/** The primitives that everything sealed is made of. All providers yield the same bytes. */
export interface CryptoProvider {
  /** `"sodium"`, `"node"`, `"web"` or `"noble"`; for logs. */
  readonly name: string;
  /** Keeps `key` (32 bytes) itself, not a copy: wiping it later puts the cipher out of use. */
  aead(key: Uint8Array): Aead;
  sha256(data: Uint8Array): Uint8Array;
  hmacSha256(key: Uint8Array, data: Uint8Array): Uint8Array;
  /** The X25519 public key (RFC 7748) of any 32 random bytes. */
  publicKey(secretKey: Uint8Array): Uint8Array | Promise<Uint8Array>;
  /**
   * What both sides of X25519 arrive at.
   *
   * @throws `HANDSHAKE_FAILED` when it is all zero, that is, when the other side chose a key that
   *   makes every secret agree on the same (RFC 7748, section 6.1)
   */
  agree(secretKey: Uint8Array, publicKey: Uint8Array): Uint8Array | Promise<Uint8Array>;
}

/** Bytes of a key of X25519 or ChaCha20. */
export const KEY_BYTES = 32;
/** Bytes that Poly1305 adds to a plaintext. */
export const TAG_BYTES = 16;
/** Bytes of a nonce of ChaCha20-Poly1305. */
export const NONCE_BYTES = 12;
/** Bytes that SHA-256 makes of anything. */
export const HASH_BYTES = 32;
