import { SealwireError } from "../core/model/errors.ts";

/**
 * Passes on what X25519 arrived at, unless it is all zero (RFC 7748, section 6.1). The check reads
 * every byte, so that its time tells nothing of the secret.
 *
 * @throws `HANDSHAKE_FAILED` when it is all zero
 */
export function contributory(shared: Uint8Array): Uint8Array {
  let seen = 0;
  for (const byte of shared) seen |= byte;
  if (seen === 0) throw refusedKey();
  return shared;
}

/** The error for a public key that no honest peer can have. */
export function refusedKey(cause?: unknown): SealwireError {
  return new SealwireError(
    "HANDSHAKE_FAILED",
    "the other side's public key is a point of low order",
    { cause },
  );
}
