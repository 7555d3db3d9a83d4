import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";

/** The SHA-256 of an open file. */
export async function digestOf(file: FileHandle): Promise<Uint8Array> {
  const hash = createHash("sha256");
  const piece = new Uint8Array(PIECE_BYTES);
  for (let at = 0; ; ) {
    const { bytesRead } = await file.read(piece, 0, PIECE_BYTES, at);
    if (bytesRead === 0) return new Uint8Array(hash.digest());
    hash.update(piece.subarray(0, bytesRead));
    at += bytesRead;
  }
}

/** How much is read at once. */
const PIECE_BYTES = 1_048_576;
