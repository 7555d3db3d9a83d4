/** The closed list of ways to fail. Each dialect maps it to its own form in its `errors.ts`. */
export type ErrorCode =
  | "CANCELLED"
  | "DEADLINE_EXCEEDED"
  | "UNAVAILABLE"
  | "INVALID_ARGUMENT"
  | "NOT_FOUND"
  | "ALREADY_EXISTS"
  | "CONFLICT"
  | "TOO_LARGE"
  | "UNSUPPORTED"
  | "UNAUTHENTICATED"
  | "PERMISSION_DENIED"
  | "RATE_LIMITED"
  | "HANDSHAKE_FAILED"
  | "RECORD_REJECTED"
  | "PROTOCOL_VIOLATION"
  | "INTERNAL"
  | "UNKNOWN";

/** Every code, for checks of what arrives and for tables that must be complete. */
export const ERROR_CODES: readonly ErrorCode[] = Object.freeze([
  "CANCELLED",
  "DEADLINE_EXCEEDED",
  "UNAVAILABLE",
  "INVALID_ARGUMENT",
  "NOT_FOUND",
  "ALREADY_EXISTS",
  "CONFLICT",
  "TOO_LARGE",
  "UNSUPPORTED",
  "UNAUTHENTICATED",
  "PERMISSION_DENIED",
  "RATE_LIMITED",
  "HANDSHAKE_FAILED",
  "RECORD_REJECTED",
  "PROTOCOL_VIOLATION",
  "INTERNAL",
  "UNKNOWN",
]);

/** A failure as the other peer may see it: no stack, no cause. */
export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly details?: unknown;
  /**
   * The class of what was thrown, such as `TypeError`, on wires that show it;
   * `UnknownProcedure` where nobody registered the procedure.
   */
  readonly type?: string;
}

/**
 * The details of a failure that was told before the other side had proven who it is: anybody on
 * the way may have written it, so it explains, but a client that comes back tries again.
 */
export const UNPROVEN: { readonly unproven: true } = Object.freeze({ unproven: true });

/**
 * The only error class. `code` is for programs, `message` for people, `details` travels to the
 * other peer, `cause` stays here.
 *
 * @example
 * throw new SealwireError("NOT_FOUND", `no user ${id}`, { details: { id } });
 */
export class SealwireError extends Error implements Failure {
  override readonly name = "SealwireError";
  readonly code: ErrorCode;
  readonly details?: unknown;
  readonly type?: string;

  constructor(
    code: ErrorCode,
    message: string,
    options: Pick<Failure, "details" | "type"> & { readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    if (options.details !== undefined) this.details = options.details;
    if (options.type !== undefined) this.type = options.type;
  }

  /** What was thrown, as a `SealwireError`; anything foreign becomes `code` with itself as cause. */
  static from(thrown: unknown, code: ErrorCode = "UNKNOWN"): SealwireError {
    if (thrown instanceof SealwireError) return thrown;
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return new SealwireError(code, message, { cause: thrown });
  }

  /** A failure that arrived from the other peer, as an error that can be thrown. */
  static fromFailure(failure: Failure): SealwireError {
    return new SealwireError(failure.code, failure.message, failure);
  }

  /** What of this error may travel: no stack, no cause. */
  toFailure(): Failure {
    const { code, message, details, type } = this;
    return {
      code,
      message,
      ...(details !== undefined && { details }),
      ...(type !== undefined && { type }),
    };
  }
}
