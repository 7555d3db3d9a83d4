import { type ErrorCode, SealwireError } from "../core/model/errors.ts";
import { formatValue } from "./json-values.ts";
import { foreign } from "./printable.ts";
import type { Shell } from "./shell.ts";

/** How a program ends, for scripts. */
export const EXIT = {
  ok: 0,
  /** The call failed, or the credentials were refused. */
  failed: 1,
  /** Something was written wrongly: an option, an address, a key. */
  usage: 2,
  /** No connection, or the server is not the one it should be. */
  unconnected: 3,
  /** Ended by Ctrl-C, as shells write it. */
  interrupted: 130,
} as const;

/** A wrong way to use the program. */
export function misused(message: string): SealwireError {
  return new SealwireError("INVALID_ARGUMENT", message);
}

/** The exit code for what happened before a server has let us in. */
export function exitCodeOfConnecting(code: ErrorCode): number {
  if (REFUSED.has(code)) return EXIT.failed;
  if (code === "INVALID_ARGUMENT") return EXIT.usage;
  return code === "CANCELLED" ? EXIT.interrupted : EXIT.unconnected;
}

const REFUSED: ReadonlySet<ErrorCode> = new Set([
  "UNAUTHENTICATED",
  "PERMISSION_DENIED",
  "RATE_LIMITED",
  "UNSUPPORTED",
]);

/**
 * Tells what went wrong after a server had let us in, and gives the exit code. Who has pressed
 * Ctrl-C, or reads no more, need not be told.
 */
export function failedAtWork(shell: Shell, thrown: unknown, json: boolean | undefined): number {
  if (shell.unread) return EXIT.ok;
  if (shell.stop.aborted) return EXIT.interrupted;
  const { code } = SealwireError.from(thrown, "INTERNAL");
  tellFailure(shell, thrown, json, NEXT_AT_WORK.get(code));
  return EXIT.failed;
}

const NEXT_AT_WORK: ReadonlyMap<ErrorCode, string> = new Map([
  ["NOT_FOUND", "sealwire list URL shows what you may call there"],
  ["UNAUTHENTICATED", "prove who you are; sealwire call --help shows by which options"],
]);

/** Says on standard error what went wrong: `CODE: message`, or JSON for machines. */
export function tellFailure(
  shell: Shell,
  thrown: unknown,
  json: boolean | undefined,
  hint?: string,
): SealwireError {
  const error = SealwireError.from(thrown, "INTERNAL");
  const { code, message, details } = error;
  if (json) {
    const fields = { code, message, ...(details !== undefined && { details }) };
    shell.note(formatValue({ error: { ...fields, ...(hint !== undefined && { hint }) } }));
    return error;
  }
  shell.note(`${shell.colors.err.red(code)}: ${foreign(message)}`);
  if (hint !== undefined) shell.note(`hint: ${hint}`);
  return error;
}
