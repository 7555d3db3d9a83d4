import { ERROR_CODES, type ErrorCode } from "../../core/model/errors.ts";

/**
 * The native wire carries the code by its name; the table exists so that a new code is a decision
 * here too. A name of a later version arrives as `UNKNOWN`.
 */
const CODES: Readonly<Record<ErrorCode, string>> = {
  CANCELLED: "CANCELLED",
  DEADLINE_EXCEEDED: "DEADLINE_EXCEEDED",
  UNAVAILABLE: "UNAVAILABLE",
  INVALID_ARGUMENT: "INVALID_ARGUMENT",
  NOT_FOUND: "NOT_FOUND",
  ALREADY_EXISTS: "ALREADY_EXISTS",
  CONFLICT: "CONFLICT",
  TOO_LARGE: "TOO_LARGE",
  UNSUPPORTED: "UNSUPPORTED",
  UNAUTHENTICATED: "UNAUTHENTICATED",
  PERMISSION_DENIED: "PERMISSION_DENIED",
  RATE_LIMITED: "RATE_LIMITED",
  HANDSHAKE_FAILED: "HANDSHAKE_FAILED",
  RECORD_REJECTED: "RECORD_REJECTED",
  PROTOCOL_VIOLATION: "PROTOCOL_VIOLATION",
  INTERNAL: "INTERNAL",
  UNKNOWN: "UNKNOWN",
};

/** The code that a name on the wire stands for. */
export function codeFrom(name: string): ErrorCode {
  return ERROR_CODES.find((code) => CODES[code] === name) ?? "UNKNOWN";
}
