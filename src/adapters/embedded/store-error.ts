import { SealwireError } from "../../core/model/errors.ts";

/** The code of an error of the system, such as `ENOSPC`. */
export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

/** Why a store could not do something, in words that say what to do. */
export function storeError(what: string, cause: unknown): SealwireError {
  if (cause instanceof SealwireError) return cause;
  const text = cause instanceof Error ? cause.message : String(cause);
  const known = REASONS.find(([pattern]) => pattern.test(`${codeOf(cause)} ${text}`));
  const reason = known ? known[1] : text;
  return new SealwireError("UNAVAILABLE", `${what}: ${reason}`, { cause });
}

const REASONS: readonly (readonly [RegExp, string])[] = [
  [/ENOSPC|No space left|MDB_MAP_FULL/i, "the disk is full; make room, then it goes on by itself"],
  [/EDQUOT|quota/i, "the quota is used up; make room, then it goes on by itself"],
  [/EFBIG|File too large/i, "the file may not grow any more"],
  [/EROFS|Read-only file system/i, "the file system is read-only"],
  [/EACCES|EPERM|Permission denied/i, "this user may not"],
  [/EIO|Input\/output error/i, "the disk reports an error: it is full, or it fails"],
];

/** The refusal of what cannot be written because it was opened so. */
export function readOnly(description: string): SealwireError {
  const message = `${description} is read-only: nothing is written until it can be written again`;
  return new SealwireError("UNAVAILABLE", message);
}
