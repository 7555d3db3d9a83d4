import { expect, test } from "vitest";
import type { ErrorCode } from "../../core/model/errors.ts";
import { codeFrom } from "./errors.ts";

/** Complete by its type, so that a new code is a decision for this wire too. */
const NAMES: Readonly<Record<ErrorCode, string>> = {
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

test("every code travels under its name", () => {
  const names = Object.values(NAMES);
  expect(names.map(codeFrom)).toEqual(Object.keys(NAMES));
});

test("a name of a later version arrives as UNKNOWN", () => {
  expect(codeFrom("TEAPOT")).toBe("UNKNOWN");
});
