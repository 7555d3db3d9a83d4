import type { ErrorCode, Failure } from "../../core/model/errors.ts";
import { formErrors, tooManySentence } from "./validation.ts";
import { isMap, type WireMap } from "./wire-map.ts";

/** The numbers of the original, all of them. */
export const CONDUIT_CODES = {
  UNKNOWN: 1000,
  INTERNAL: 1001,
  TIMEOUT: 1002,
  CANCELLED: 1003,
  VALIDATION: 2000,
  MISSING_FIELD: 2001,
  INVALID_TYPE: 2002,
  INVALID_VALUE: 2003,
  AUTH_REQUIRED: 3000,
  AUTH_FAILED: 3001,
  AUTH_EXPIRED: 3002,
  PERMISSION_DENIED: 3003,
  METHOD_NOT_FOUND: 4000,
  INVALID_PARAMS: 4001,
  EXECUTION: 4002,
  CONNECTION: 5000,
  DISCONNECTED: 5001,
  RECONNECTING: 5002,
  RATE_LIMITED: 6000,
  QUOTA_EXCEEDED: 6001,
} as const;

/** An error as it stands in the inner wrapper. */
export interface WireError {
  readonly error: string;
  readonly code?: number;
  readonly details?: WireMap;
}

/** A failure in the words and numbers of the original. */
export function formatFailure(failure: Failure, method: string | undefined): WireError {
  const { code, message, type } = failure;
  if (type === "UnknownProcedure") return notFound(method);
  const invalid = code === "INVALID_ARGUMENT" && validation(failure, method ?? "");
  if (invalid) return invalid;
  // What was thrown has a class; what the server says itself has none.
  const thrown = code === "INTERNAL" && type !== undefined;
  return {
    error: thrown ? `Error in ${method}: ${message}` : message,
    code: CODE_OF[code],
    ...detailsOf(failure),
  };
}

/** The failure that a wrapper tells; its numbers and details stay what they are. */
export function failureOfWrapper(wrapper: unknown): Failure {
  if (!isMap(wrapper)) return { code: "UNKNOWN", message: NO_REASON, details: wrapper };
  const { error, code, details } = wrapper;
  const known = error !== undefined || code !== undefined;
  return {
    code: codeFrom(code),
    message: typeof error === "string" && error !== "" ? error : NO_REASON,
    details: known ? { ...given("code", code), ...given("details", details) } : wrapper,
  };
}

/** Without the suffix where there is no method: empty, absent, or no map at all. */
export function notFound(method: string | undefined): WireError {
  const suffix = method ? `: ${method}` : "";
  return { error: `RPC method not found${suffix}`, code: CONDUIT_CODES.METHOD_NOT_FOUND };
}

function validation({ details }: Failure, method: string): WireError | undefined {
  const code = CONDUIT_CODES.VALIDATION;
  const errors = formErrors(details);
  if (errors) return { error: `Validation error in ${method}`, code, details: { errors } };
  const sentence = tooManySentence(details, method);
  return sentence === undefined ? undefined : { error: sentence, code };
}

function detailsOf({ code, details }: Failure): Pick<WireError, "details"> {
  if (details === undefined) return {};
  if (!isMap(details)) return { details: { details } };
  const { retryAfterMs } = details;
  if (code !== "RATE_LIMITED" || typeof retryAfterMs !== "number") return { details };
  // The original counts in seconds, under this name.
  return { details: { retry_after: retryAfterMs / 1_000 } };
}

function given(name: string, value: unknown): WireMap {
  return value === undefined || value === null ? {} : { [name]: value };
}

const NO_REASON = "the server gave no reason";

/** What stands for each of our codes on this wire. */
const CODE_OF: Readonly<Record<ErrorCode, number>> = Object.freeze({
  CANCELLED: CONDUIT_CODES.CANCELLED,
  DEADLINE_EXCEEDED: CONDUIT_CODES.TIMEOUT,
  UNAVAILABLE: CONDUIT_CODES.CONNECTION,
  INVALID_ARGUMENT: CONDUIT_CODES.VALIDATION,
  NOT_FOUND: CONDUIT_CODES.METHOD_NOT_FOUND,
  ALREADY_EXISTS: CONDUIT_CODES.EXECUTION,
  CONFLICT: CONDUIT_CODES.EXECUTION,
  TOO_LARGE: CONDUIT_CODES.QUOTA_EXCEEDED,
  UNSUPPORTED: CONDUIT_CODES.EXECUTION,
  UNAUTHENTICATED: CONDUIT_CODES.AUTH_REQUIRED,
  PERMISSION_DENIED: CONDUIT_CODES.PERMISSION_DENIED,
  RATE_LIMITED: CONDUIT_CODES.RATE_LIMITED,
  HANDSHAKE_FAILED: CONDUIT_CODES.AUTH_FAILED,
  RECORD_REJECTED: CONDUIT_CODES.EXECUTION,
  PROTOCOL_VIOLATION: CONDUIT_CODES.INVALID_PARAMS,
  INTERNAL: CONDUIT_CODES.INTERNAL,
  UNKNOWN: CONDUIT_CODES.UNKNOWN,
});

/** What each number of the original is here; any other, and none, is `UNKNOWN`. */
function codeFrom(number: unknown): ErrorCode {
  return MEANING.find(([numbers]) => numbers.some((each) => each === number))?.[1] ?? "UNKNOWN";
}

const MEANING: readonly (readonly [readonly number[], ErrorCode])[] = [
  [[1001, 4002], "INTERNAL"],
  [[1002], "DEADLINE_EXCEEDED"],
  [[1003], "CANCELLED"],
  [[2000, 2001, 2002, 2003, 4001], "INVALID_ARGUMENT"],
  [[3000, 3001, 3002], "UNAUTHENTICATED"],
  [[3003], "PERMISSION_DENIED"],
  [[4000], "NOT_FOUND"],
  [[5000, 5001, 5002], "UNAVAILABLE"],
  [[6000, 6001], "RATE_LIMITED"],
];
