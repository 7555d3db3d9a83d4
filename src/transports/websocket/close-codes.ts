import { type ErrorCode, SealwireError } from "../../core/model/errors.ts";

/** Closing codes we send, by RFC 6455 section 7.4.1. */
export const NORMAL_CLOSURE = 1000;
export const UNSUPPORTED_DATA = 1003;
export const MESSAGE_TOO_BIG = 1009;
export const INTERNAL_ERROR = 1011;

/**
 * What the peer's closing means for the reader: nothing for an orderly end (done, going away, no
 * code given), an error for all else.
 */
export function failureOf(code: number, reason: string, remote: string): SealwireError | undefined {
  if (code === NORMAL_CLOSURE || code === 1001 || code === 1005) return undefined;
  const why = reason === "" ? `code ${code}` : `code ${code}: ${reason}`;
  const message =
    code === 1006
      ? `the path to ${remote} was lost; connect again to go on`
      : `${remote} closed the WebSocket (${why})`;
  return new SealwireError("UNAVAILABLE", message);
}

/** The code that tells the peer why we close, without telling it more. */
export function closeCodeOf(reason: Error): number {
  return CODES[SealwireError.from(reason).code] ?? INTERNAL_ERROR;
}

const CODES: { readonly [code in ErrorCode]?: number } = {
  CANCELLED: NORMAL_CLOSURE,
  UNAVAILABLE: 1001,
  PROTOCOL_VIOLATION: 1002,
  RECORD_REJECTED: 1002,
  UNSUPPORTED: UNSUPPORTED_DATA,
  UNAUTHENTICATED: 1008,
  PERMISSION_DENIED: 1008,
  RATE_LIMITED: 1008,
  HANDSHAKE_FAILED: 1008,
  TOO_LARGE: MESSAGE_TOO_BIG,
};

/** A text frame where binary is due, or the other way round. */
export function wrongKind(remote: string, text: boolean): SealwireError {
  const [got, expected] = text ? ["binary", "text"] : ["text", "binary"];
  const message = `${remote} sent a ${got} frame where the dialect has ${expected} frames`;
  return new SealwireError("PROTOCOL_VIOLATION", message);
}
