import { equalBytes } from "../../bytes/equal.ts";
import type { FileDraft, StoredFile } from "../../core/contracts/file-store.ts";
import { sha256 } from "../../crypto/sha256.ts";
import { beyondSize, checksumMismatch } from "./file-errors.ts";

/** What a draft in memory is made of. */
export interface MemoryDraftParts {
  readonly name: string;
  readonly content: Uint8Array;
  /** What an earlier try has left; `undefined` where nothing can be left. */
  readonly keptBytes: number | undefined;
  /** Gives the content its name. */
  readonly store: () => string;
  readonly release: () => void;
  /** Keeps it for another try. */
  readonly leave: (reachedBytes: number) => void;
}

/** A file on its way into memory. */
export function memoryDraft(parts: MemoryDraftParts): FileDraft {
  const { name, content, keptBytes } = parts;
  const size = content.length;
  let [ended, reachedBytes] = [false, keptBytes ?? 0];
  const end = (how: () => void) => {
    if (!ended) how();
    ended = true;
  };
  const commit = async (expected: Uint8Array): Promise<StoredFile> => {
    const got = sha256(content);
    const fits = !ended && equalBytes(got, expected);
    if (!fits) end(parts.release);
    if (!fits) throw checksumMismatch(expected, got);
    try {
      const stored = parts.store();
      ended = true;
      return { name: stored, size };
    } finally {
      end(parts.release);
    }
  };
  return {
    ...(keptBytes !== undefined && {
      keptBytes,
      reached: async (bytes) => {
        reachedBytes = bytes;
      },
      leave: async () => end(() => parts.leave(reachedBytes)),
    }),
    commit,
    discard: async () => end(parts.release),
    write: async (offset, chunk) => {
      if (offset + chunk.length > size) throw beyondSize(name, size);
      if (!ended) content.set(chunk, offset);
    },
  };
}
