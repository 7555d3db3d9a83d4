import { systemCode, systemReason } from "../core/engine/system-errors.ts";

/** Why a file or folder cannot be used, in words. */
export function fileReason(thrown: unknown): string {
  return WORDS.get(systemCode(thrown) ?? "") ?? systemReason(thrown);
}

const WORDS: ReadonlyMap<string, string> = new Map([
  ["ENOENT", "there is no such file or folder"],
  ["EACCES", "this user has no permission"],
  ["EPERM", "this user has no permission"],
  ["EISDIR", "it is a folder"],
  ["ENOTDIR", "a part of the path is no folder"],
  ["ENOSPC", "the disk is full"],
  ["EROFS", "the disk is read-only"],
]);
