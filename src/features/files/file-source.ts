import type { FileStore } from "../../core/contracts/file-store.ts";
import { runningSha256 } from "../../crypto/running-sha256.ts";
import { fileNotFound } from "./file-errors.ts";

/** What can be sent: bytes in memory, or a `Blob` (in browsers a `File`, in Node `openAsBlob`). */
export type FileContent = Uint8Array | Blob;

/** A content that is read piece by piece. */
export interface FileSource {
  readonly size: number;
  read(offset: number, length: number): Promise<Uint8Array>;
  /** The SHA-256 of the whole. */
  digest(): Promise<Uint8Array>;
}

/** What is in hand, as a source. */
export function sourceOf(content: FileContent): FileSource {
  const size = content instanceof Uint8Array ? content.length : content.size;
  const read = async (offset: number, length: number): Promise<Uint8Array> => {
    if (content instanceof Uint8Array) return content.subarray(offset, offset + length);
    return new Uint8Array(await content.slice(offset, offset + length).arrayBuffer());
  };
  return { size, read, digest: () => digestOf(size, read) };
}

/** A file of a store, as a source. @throws `NOT_FOUND` */
export async function storedSource(store: FileStore, name: string): Promise<FileSource> {
  const found = await store.find(name);
  if (!found) throw fileNotFound();
  return {
    size: found.size,
    read: (offset, length) => store.read(name, offset, length),
    digest: () => store.digest(name),
  };
}

const PIECE_BYTES = 1_048_576;

async function digestOf(size: number, read: FileSource["read"]): Promise<Uint8Array> {
  const hash = runningSha256();
  for (let at = 0; at < size; at += PIECE_BYTES) hash.update(await read(at, PIECE_BYTES));
  return hash.digest();
}
