import { encodeHex, encodeUtf8 } from "../../bytes/text.ts";
import type { DraftOptions } from "../../core/contracts/file-store.ts";
import { sha256 } from "../../crypto/sha256.ts";

/**
 * By what a draft is found again: the same content under the same name of the same owner.
 * `undefined` where nothing may be left, because nobody said what the content will be.
 */
export function draftKey(
  name: string,
  size: number,
  { owner = "", sha256: digest }: DraftOptions,
): string | undefined {
  if (digest?.length !== 32) return undefined;
  const fields = JSON.stringify([owner, name, size, encodeHex(digest)]);
  return encodeHex(sha256(encodeUtf8(fields)).subarray(0, 16));
}
