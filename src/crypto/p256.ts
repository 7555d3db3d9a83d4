import { p256 } from "@noble/curves/nist.js";
import { SealwireError } from "../core/model/errors.ts";

/** A key pair of P-256 (FIPS 186-5), for the wires that want it; ours is X25519. */
export interface P256KeyPair {
  /** The scalar, 32 bytes. */
  readonly secretKey: Uint8Array;
  /** The point uncompressed: 4, x, y; 65 bytes. */
  readonly publicKey: Uint8Array;
}

/** Bytes of an uncompressed point. */
export const P256_POINT_BYTES = 65;

/**
 * A fresh key pair, or the one of a kept secret key.
 *
 * @throws `INVALID_ARGUMENT` for a secret key that is none of this curve
 */
export function p256KeyPair(secretKey: Uint8Array = p256.utils.randomSecretKey()): P256KeyPair {
  if (!p256.utils.isValidSecretKey(secretKey)) {
    const message = "the secret key is none of P-256; expected 32 bytes below the curve's order";
    throw new SealwireError("INVALID_ARGUMENT", message);
  }
  return { secretKey, publicKey: p256.getPublicKey(secretKey, false) };
}

/**
 * The point that both sides of ECDH arrive at (SP 800-56A, section 5.7.1.2), with both coordinates
 * (`4 ‖ x ‖ y`): the platform's own ECDH gives x alone.
 *
 * @throws `HANDSHAKE_FAILED` when the other side's bytes are no point of the curve
 */
export function p256SharedPoint(secretKey: Uint8Array, publicKey: Uint8Array): Uint8Array {
  try {
    return p256.getSharedSecret(secretKey, publicKey, false);
  } catch (cause) {
    const message = "the other side's public key is no point of P-256";
    throw new SealwireError("HANDSHAKE_FAILED", message, { cause });
  }
}
