import { type ErrorCode, SealwireError, UNPROVEN } from "../core/model/errors.ts";

// Why a connection ends, and whether another try would help.

/**
 * Whether trying again would not help; a server with a false key (`isKeyProblem`) apart. What nobody
 * has proven to say is never final.
 */
export function isFinal(error: SealwireError): boolean {
  if (error.details === UNPROVEN) return false;
  return FINAL.has(error.code);
}

/** A goodbye reads `CODE: sentence`. */
export function goodbyeError(reason = ""): SealwireError {
  const [code = "", ...rest] = reason.split(": ");
  const known: ErrorCode =
    code === "UNAUTHENTICATED" || code === "PERMISSION_DENIED" ? code : "UNAVAILABLE";
  return new SealwireError(known, `the server says goodbye: ${rest.join(": ") || "no reason"}`);
}

const FINAL: ReadonlySet<ErrorCode> = new Set([
  "UNAUTHENTICATED",
  "PERMISSION_DENIED",
  "INVALID_ARGUMENT",
  "UNSUPPORTED",
]);
