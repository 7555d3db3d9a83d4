import { CONDUIT_CODES } from "./errors.ts";

/** What the helpers of an error make: the inner wrapper, which travels as it is. */
export interface ErrorWrapper {
  readonly success: false;
  readonly error: string;
  readonly code?: number;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** Makes errors as netconduit's `Error` does. They are returned, not thrown. */
export interface ErrorHelper {
  (error: string, code?: number, details?: ErrorWrapper["details"]): ErrorWrapper;
  /** An argument that is not what it must be; `received` travels as text. */
  validation(
    error: string,
    about?: {
      readonly field?: string;
      readonly expected?: string;
      readonly received?: unknown;
    },
  ): ErrorWrapper;
  /** `User not found: 7`, or `User not found` without an id. */
  notFound(what: string, id?: string | number): ErrorWrapper;
  permissionDenied(action?: string): ErrorWrapper;
  /** @default "Internal server error" */
  internal(error?: string, details?: ErrorWrapper["details"]): ErrorWrapper;
  timeout(operation?: string): ErrorWrapper;
  rateLimited(retryAfterSeconds?: number): ErrorWrapper;
}

/**
 * Errors in the form and with the numbers of netconduit. Only this wire knows them as errors; a
 * handler that serves other wires too throws `SealwireError`, which arrives everywhere.
 *
 * @example
 * if (!user) return errorResponse.notFound("User", id);
 */
export const errorResponse: ErrorHelper = Object.freeze(
  Object.assign(make, {
    validation,
    notFound: (what: string, id?: string | number): ErrorWrapper =>
      make(about(`${what} not found`, id), CONDUIT_CODES.METHOD_NOT_FOUND),
    permissionDenied: (action?: string): ErrorWrapper =>
      make(about("Permission denied", action), CONDUIT_CODES.PERMISSION_DENIED),
    internal: (error = "Internal server error", details?: ErrorWrapper["details"]): ErrorWrapper =>
      make(error, CONDUIT_CODES.INTERNAL, details),
    timeout: (operation?: string): ErrorWrapper =>
      make(about("Operation timed out", operation), CONDUIT_CODES.TIMEOUT),
    rateLimited: (retryAfterSeconds?: number): ErrorWrapper =>
      make(
        "Rate limit exceeded",
        CONDUIT_CODES.RATE_LIMITED,
        retryAfterSeconds === undefined ? undefined : { retry_after: retryAfterSeconds },
      ),
  }),
);

function make(error: string, code?: number, details?: ErrorWrapper["details"]): ErrorWrapper {
  return {
    success: false,
    error,
    ...(code !== undefined && { code }),
    ...(details && Object.keys(details).length > 0 && { details }),
  };
}

function validation(
  error: string,
  { field, expected, received }: NonNullable<Parameters<ErrorHelper["validation"]>[1]> = {},
): ErrorWrapper {
  return make(error, CONDUIT_CODES.VALIDATION, {
    ...(field !== undefined && { field }),
    ...(expected !== undefined && { expected }),
    ...(received !== undefined && { received: String(received) }),
  });
}

function about(sentence: string, what: string | number | undefined): string {
  return what === undefined || what === "" ? sentence : `${sentence}: ${what}`;
}
