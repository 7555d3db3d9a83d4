import { SealwireError } from "../core/model/errors.ts";

/** The error for a message at the wrong time. */
export function outOfTurn(): SealwireError {
  return new SealwireError("HANDSHAKE_FAILED", "a handshake message out of turn");
}

/** The error for a message that is too short or too long. */
export function malformed(): SealwireError {
  return new SealwireError("HANDSHAKE_FAILED", "a handshake message of the wrong length");
}

/** What went wrong inside a message, as the failure of the whole handshake. */
export function failed(cause: unknown): SealwireError {
  const error = SealwireError.from(cause, "HANDSHAKE_FAILED");
  if (error.code !== "RECORD_REJECTED") return error;
  const message =
    "a handshake message does not open: the two sides have different keys or applications, " +
    "or it was changed on its way";
  return new SealwireError("HANDSHAKE_FAILED", message, { cause });
}
