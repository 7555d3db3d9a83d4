import type { FileStore } from "../../core/contracts/file-store.ts";
import { runningSha256 } from "../../crypto/running-sha256.ts";
import { changedWhileRead, fileNotFound } from "./file-errors.ts";

/** What can be sent: bytes in memory, or a `Blob` (in browsers a `File`, in Node `openAsBlob`). */
export type FileContent = Uint8Array | Blob;

/** A content that is read piece by piece. */
export interface FileSource {
  readonly size: number;
  /** @throws `CONFLICT` when there is less or something else than in the beginning */
  read(offset: number, length: number): Promise<Uint8Array>;
  /** The SHA-256 of the whole. */
  digest(): Promise<Uint8Array>;
}

/** What is in hand, as a source. */
export function sourceOf(content: FileContent): FileSource {
  if (!(content instanceof Uint8Array)) return blobSource(content);
  const read: Read = async (offset, length) => content.subarray(offset, offset + length);
  return { size: content.length, read, digest: () => digestOf(content.length, read) };
}

/** A file of a store, as a source. @throws `NOT_FOUND` */
export async function storedSource(store: FileStore, name: string): Promise<FileSource> {
  const found = await store.find(name);
  if (!found) throw fileNotFound();
  const read = exactly(found.size, (offset, length) => store.read(name, offset, length));
  return { size: found.size, read, digest: () => store.digest(name) };
}

type Read = FileSource["read"];

/** What is read while somebody writes to it is as long as it was in the beginning, or refused. */
function exactly(size: number, read: Read): Read {
  return async (offset, length) => {
    const due = Math.min(length, size - offset);
    const bytes = await read(offset, due);
    if (bytes.length !== due) throw changedWhileRead();
    return bytes;
  };
}

function blobSource(content: Blob): FileSource {
  const { size } = content;
  const read = exactly(size, async (offset, length) => {
    const bytes = content.slice(offset, offset + length).arrayBuffer();
    // A file that has grown or was replaced since it was opened cannot be read any more.
    const readable = bytes.catch((cause: unknown) => {
      throw changedWhileRead(cause);
    });
    return new Uint8Array(await readable);
  });
  return { size, read, digest: () => digestOf(size, read) };
}

const PIECE_BYTES = 1_048_576;

async function digestOf(size: number, read: Read): Promise<Uint8Array> {
  const hash = runningSha256();
  for (let at = 0; at < size; at += PIECE_BYTES) hash.update(await read(at, PIECE_BYTES));
  return hash.digest();
}
