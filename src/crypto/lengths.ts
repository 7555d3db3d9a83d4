import { SealwireError } from "../core/model/errors.ts";
import { KEY_BYTES, NONCE_BYTES, TAG_BYTES } from "./provider.ts";

/** @throws `INVALID_ARGUMENT` unless `key` has 32 bytes; `what` names it for people. */
export function checkKey(key: Uint8Array, what: string): void {
  if (key.length !== KEY_BYTES) {
    throw new SealwireError(
      "INVALID_ARGUMENT",
      `${what} has ${key.length} bytes; it must have ${KEY_BYTES}`,
    );
  }
}

/** @throws `INVALID_ARGUMENT` unless nonce and room for the sealed record have their lengths. */
export function checkSeal(nonce: Uint8Array, plaintext: Uint8Array, out: Uint8Array): void {
  if (nonce.length !== NONCE_BYTES || out.length !== plaintext.length + TAG_BYTES) {
    throw wrongLength(nonce, out, plaintext.length + TAG_BYTES);
  }
}

/**
 * @throws `RECORD_REJECTED` when there is not even room for a tag; `INVALID_ARGUMENT` unless nonce
 *   and room for the plaintext have their lengths
 */
export function checkOpen(nonce: Uint8Array, sealed: Uint8Array, out: Uint8Array): void {
  if (sealed.length < TAG_BYTES) throw rejected();
  if (nonce.length !== NONCE_BYTES || out.length !== sealed.length - TAG_BYTES) {
    throw wrongLength(nonce, out, sealed.length - TAG_BYTES);
  }
}

/** The error for a record that was not sealed with this key, nonce and associated data. */
export function rejected(cause?: unknown): SealwireError {
  const message =
    "a sealed record does not open: the two sides have different keys, " +
    "or it was changed, repeated or lost on its way; make a new connection";
  return new SealwireError("RECORD_REJECTED", message, { cause });
}

function wrongLength(nonce: Uint8Array, out: Uint8Array, outBytes: number): SealwireError {
  return new SealwireError(
    "INVALID_ARGUMENT",
    `the nonce has ${nonce.length} bytes and the output ${out.length}; ` +
      `they must have ${NONCE_BYTES} and ${outBytes}`,
  );
}
