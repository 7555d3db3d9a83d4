import { encodeHex } from "../../bytes/text.ts";
import { isFields } from "../../core/engine/fields.ts";
import { ERROR_CODES, type ErrorCode, SealwireError } from "../../core/model/errors.ts";

/** There is no such file. */
export function fileNotFound(): SealwireError {
  return new SealwireError("NOT_FOUND", "File not found");
}

/** As the original says it. */
export const TRANSFER_NOT_FOUND: string = "Transfer not found";

/** There is no such transfer of this peer, or no longer. */
export function transferNotFound(): SealwireError {
  return new SealwireError("NOT_FOUND", TRANSFER_NOT_FOUND);
}

/** What is read is not any more what it was when it was announced. */
export function changedWhileRead(cause?: unknown): SealwireError {
  const message = "the content changed while it was read: end what writes to it, then begin anew";
  return new SealwireError("CONFLICT", message, { cause });
}

/** What came is not what was announced. */
export function checksumMismatch(expected: Uint8Array, got: Uint8Array): SealwireError {
  const details = { expected: encodeHex(expected), got: encodeHex(got) };
  return new SealwireError("CONFLICT", "Checksum mismatch", { details });
}

/** More came than was announced. */
export function beyondSize(name: string, size: number): SealwireError {
  return new SealwireError("TOO_LARGE", `${name} was announced with ${size} bytes, more came`);
}

/** A file is larger than one file may be. */
export function tooLargeFile(name: string, size: number, most: number): SealwireError {
  return new SealwireError("TOO_LARGE", `${name} has ${size} bytes, at most ${most} are taken`);
}

/** A failure as the clients of netconduit expect it: a result with the text under `error`. */
export interface ToldError {
  readonly error: string;
  /** Beside texts that netconduit does not know, for clients of ours. */
  readonly code?: ErrorCode;
  readonly expected?: unknown;
  readonly got?: unknown;
}

/**
 * Runs what answers a call about files; failures that are meant for the caller become results.
 * Others stay in the log: the text of a file system's error would show where files lie.
 */
export async function toldErrors<Result>(run: () => Promise<Result>): Promise<Result | ToldError> {
  try {
    return await run();
  } catch (thrown) {
    if (thrown instanceof SealwireError) return toldOf(thrown);
    throw new Error("the file store failed", { cause: thrown });
  }
}

/**
 * The answer to a call about files.
 *
 * @throws what the other side told under `error`, with its code
 */
export function answerOf(answer: unknown): Readonly<Record<string, unknown>> {
  if (!isFields(answer)) throw unexpected();
  const { error, code, expected, got } = answer;
  if (typeof error !== "string") return answer;
  const details = expected === undefined ? undefined : { expected, got };
  throw new SealwireError(codeFrom(code, error), error, { details });
}

/** What was answered cannot be understood. */
export function unexpected(): SealwireError {
  const message = "the server's answer is none to a transfer of files; does it install files()?";
  return new SealwireError("PROTOCOL_VIOLATION", message);
}

/** The texts of the original's errors: its clients compare them. */
const KNOWN: ReadonlyMap<string, ErrorCode> = new Map([
  ["File not found", "NOT_FOUND"],
  [TRANSFER_NOT_FOUND, "NOT_FOUND"],
  ["Checksum mismatch", "CONFLICT"],
]);

function toldOf({ code, message, details }: SealwireError): ToldError {
  if (KNOWN.has(message)) return { error: message, ...(isFields(details) && details) };
  return { error: message, code };
}

function codeFrom(code: unknown, text: string): ErrorCode {
  return ERROR_CODES.find((known) => known === code) ?? KNOWN.get(text) ?? "UNKNOWN";
}
