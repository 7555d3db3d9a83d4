import { checkPositive, checkWhole } from "../../core/engine/check-options.ts";

/** What a store of files may hold. Beyond it a file is refused before its first byte. */
export interface StoreBounds {
  /** All files together, with those that are not whole yet, in the size they will have. */
  readonly maxTotalBytes: number;
  /** The same of one owner. */
  readonly maxOwnerBytes: number;
  /** Files that are not whole, those that a broken try has left among them. @default 1_024 */
  readonly maxDrafts: number;
  /** The same of one owner: the oldest that was left makes room for a new one. @default 32 */
  readonly maxOwnerDrafts: number;
  /** How long what a broken try has left waits for the next one. @default 86_400_000 */
  readonly draftTimeoutMs: number;
}

/** Bounds that every store has unless it is told otherwise. */
export const DRAFT_DEFAULTS: Pick<StoreBounds, "maxDrafts" | "maxOwnerDrafts" | "draftTimeoutMs"> =
  Object.freeze({ maxDrafts: 1_024, maxOwnerDrafts: 32, draftTimeoutMs: 86_400_000 });

/** @throws `INVALID_ARGUMENT` naming the option, the value and what is allowed */
export function checkBounds(bounds: StoreBounds): void {
  const { maxTotalBytes, maxOwnerBytes, draftTimeoutMs } = bounds;
  checkPositive({ maxTotalBytes, maxOwnerBytes, draftTimeoutMs });
  checkWhole("maxDrafts", bounds.maxDrafts);
  checkWhole("maxOwnerDrafts", bounds.maxOwnerDrafts);
}
