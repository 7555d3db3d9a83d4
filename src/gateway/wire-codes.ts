import type { Logger } from "../core/contracts/logger.ts";
import { type ErrorCode, SealwireError } from "../core/model/errors.ts";

/** How failures are called towards the proxy's users. */
export type WireCode =
  | "auth_failed"
  | "bad_request"
  | "conflict"
  | "forbidden"
  | "internal"
  | "limit"
  | "not_found"
  | "peer_unreachable"
  | "protocol"
  | "unsupported";

/** The word for a failure in frames and in answers to HTTP requests. */
export function wireCode({ code }: Pick<SealwireError, "code">): WireCode {
  return WIRE_CODES[code];
}

/** The code that a word from a proxy stands for; `UNKNOWN` for words we do not know. */
export function errorCodeOf(word: unknown): ErrorCode {
  const known = typeof word === "string" && Object.hasOwn(ERROR_CODES, word);
  return known ? (ERROR_CODES[word] ?? "UNKNOWN") : "UNKNOWN";
}

/** What may be told of a throw; what nobody meant to tell stays here, for the log. */
export function tellable(thrown: unknown, logger: Logger): SealwireError {
  if (thrown instanceof SealwireError) return thrown;
  logger.error({ err: thrown }, "the gateway failed within itself");
  return new SealwireError("INTERNAL", "the gateway failed within itself; its log says why");
}

const WIRE_CODES: Readonly<Record<ErrorCode, WireCode>> = Object.freeze({
  CANCELLED: "internal",
  DEADLINE_EXCEEDED: "peer_unreachable",
  UNAVAILABLE: "peer_unreachable",
  INVALID_ARGUMENT: "bad_request",
  NOT_FOUND: "not_found",
  ALREADY_EXISTS: "conflict",
  CONFLICT: "conflict",
  TOO_LARGE: "limit",
  UNSUPPORTED: "unsupported",
  UNAUTHENTICATED: "auth_failed",
  PERMISSION_DENIED: "forbidden",
  RATE_LIMITED: "limit",
  HANDSHAKE_FAILED: "protocol",
  RECORD_REJECTED: "protocol",
  PROTOCOL_VIOLATION: "protocol",
  INTERNAL: "internal",
  UNKNOWN: "internal",
});

const ERROR_CODES: Readonly<Record<string, ErrorCode>> = Object.freeze({
  auth_failed: "UNAUTHENTICATED",
  bad_request: "INVALID_ARGUMENT",
  conflict: "CONFLICT",
  forbidden: "PERMISSION_DENIED",
  internal: "INTERNAL",
  limit: "RATE_LIMITED",
  not_found: "NOT_FOUND",
  peer_unreachable: "UNAVAILABLE",
  protocol: "PROTOCOL_VIOLATION",
  unsupported: "UNSUPPORTED",
});
