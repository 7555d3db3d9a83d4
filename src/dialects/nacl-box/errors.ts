import { bindSentence } from "../../codecs/python-bind-sentence.ts";
import {
  ERROR_CODES,
  type ErrorCode,
  type Failure,
  SealwireError,
  UNPROVEN,
} from "../../core/model/errors.ts";

/** What the original says to an unknown API key, or none. */
const WRONG_KEY = "Ungültiger API-Key";
/** What PyNaCl says to a box that does not open. */
export const NOT_OPENED = "An error occurred trying to decrypt the message";

/** The refusal of something malformed, in the words of the original. */
export function malformed(text: string): SealwireError {
  return new SealwireError("PROTOCOL_VIOLATION", text);
}

/** What stands in the field `error` of a reply. */
export function errorText(failure: Failure, procedure: string): string {
  return TEXTS[failure.code](failure, procedure);
}

const own = ({ message }: Failure): string => message;

/** Clients of the original know the two texts that are not the exception's own. */
const TEXTS: Readonly<Record<ErrorCode, (failure: Failure, procedure: string) => string>> =
  Object.freeze({
    CANCELLED: own,
    DEADLINE_EXCEEDED: own,
    UNAVAILABLE: own,
    INVALID_ARGUMENT: (failure: Failure, procedure: string) =>
      bindSentence(failure, procedure) ?? failure.message,
    NOT_FOUND: (failure: Failure, procedure: string) =>
      failure.type === "UnknownProcedure" ? unknownFunction(procedure) : failure.message,
    ALREADY_EXISTS: own,
    CONFLICT: own,
    TOO_LARGE: own,
    UNSUPPORTED: own,
    UNAUTHENTICATED: () => WRONG_KEY,
    PERMISSION_DENIED: own,
    RATE_LIMITED: own,
    HANDSHAKE_FAILED: own,
    RECORD_REJECTED: own,
    PROTOCOL_VIOLATION: own,
    INTERNAL: own,
    UNKNOWN: own,
  });

/** A name that somebody sent is not repeated at any length. */
function unknownFunction(procedure: string): string {
  const name = procedure.length > 200 ? `${procedure.slice(0, 200)}…` : procedure;
  return `Funktion ${name} nicht gefunden`;
}

/**
 * The failure that the text of a reply stands for, where the reply names no code. Anybody on the
 * way may have written what was not sealed.
 */
export function failureFrom(text: string, sealed: boolean): Failure {
  const known = codeOf(text);
  const failure: Failure = { code: known, message: text };
  return sealed ? failure : { ...failure, details: UNPROVEN };
}

function codeOf(text: string): ErrorCode {
  if (text === WRONG_KEY) return "UNAUTHENTICATED";
  const unknown = text.startsWith("Funktion ") && text.endsWith(" nicht gefunden");
  return unknown ? "NOT_FOUND" : "INTERNAL";
}

/** A code that a reply names; one of a later version is `UNKNOWN`. */
export function codeNamed(name: unknown): ErrorCode {
  return ERROR_CODES.find((code) => code === name) ?? "UNKNOWN";
}
