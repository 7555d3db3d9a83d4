import { bindSentence } from "../../codecs/python-bind-sentence.ts";
import type { ErrorCode, Failure } from "../../core/model/errors.ts";

/**
 * A failure as this wire has it, `<ExceptionTypeName>: <message>`, in the words that Python has for
 * what it says itself. Never empty: an empty text is a success to the original client.
 */
export function errorText(failure: Failure, procedure: string): string {
  const { code, message, type } = failure;
  if (type === "UnknownProcedure") return `NameError: Method '${procedure}' not found.`;
  const sentence = bindSentence(failure, procedure);
  if (sentence !== undefined) return `TypeError: ${sentence}`;
  const name = type ?? NAMES[code];
  // What came from another such server has its name already.
  return message.startsWith(`${name}: `) ? message : `${name}: ${message}`;
}

/** The failure that a text of this wire stands for; its whole text is the message. */
export function failureFrom(text: string): Failure {
  const name = EXCEPTION.exec(text)?.[1];
  if (name === undefined) return { code: "UNKNOWN", message: text };
  // A name that is not ours is a class of the program there: something was thrown.
  return { code: CODES.get(name) ?? "INTERNAL", message: text, type: name };
}

const EXCEPTION = /^([A-Za-z_]\w{0,99}): /;

/** Names of Python's own where there are some; each stands for one code, so that codes arrive. */
const NAMES: Readonly<Record<ErrorCode, string>> = Object.freeze({
  CANCELLED: "CancelledError",
  DEADLINE_EXCEEDED: "TimeoutError",
  UNAVAILABLE: "ConnectionError",
  INVALID_ARGUMENT: "ValueError",
  NOT_FOUND: "LookupError",
  ALREADY_EXISTS: "FileExistsError",
  CONFLICT: "ConflictError",
  TOO_LARGE: "OverflowError",
  UNSUPPORTED: "NotImplementedError",
  UNAUTHENTICATED: "AuthenticationError",
  PERMISSION_DENIED: "PermissionError",
  RATE_LIMITED: "RateLimitError",
  HANDSHAKE_FAILED: "HandshakeError",
  RECORD_REJECTED: "RecordError",
  PROTOCOL_VIOLATION: "ProtocolError",
  INTERNAL: "RuntimeError",
  UNKNOWN: "Exception",
});

/** Further names that tell more than that something was thrown. */
const OF_PYTHON: readonly (readonly [string, ErrorCode])[] = [
  ["NameError", "NOT_FOUND"],
  ["TypeError", "INVALID_ARGUMENT"],
  ["FileNotFoundError", "NOT_FOUND"],
];

const CODES: ReadonlyMap<string, ErrorCode> = new Map([
  ...OF_PYTHON,
  ...Object.entries(NAMES).map(([code, name]) => [name, code as ErrorCode] as const),
]);
