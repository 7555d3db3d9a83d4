import { type FileHandle, open } from "node:fs/promises";
import { basename } from "node:path";
import { encodeHex } from "../../bytes/text.ts";
import { digestOf } from "../../features/files/digest-of.node.ts";
import { fitsAsFileName } from "../../features/files/file-names.ts";
import { misused } from "../failures.ts";

/** What the receiver is told of a file. */
export interface FileDescription {
  readonly name: string;
  readonly size: number;
  /** SHA-256 in hexadecimal. */
  readonly sha256: string;
}

/** A file that is sent. */
export interface OfferedFile extends FileDescription {
  readonly handle: FileHandle;
}

/** Opens a file and looks at it. @throws `INVALID_ARGUMENT` for what cannot be sent */
export async function offerFile(path: string): Promise<OfferedFile> {
  const name = basename(path);
  const handle = await open(path).catch((cause: Error) => {
    throw misused(`cannot read ${path}: ${cause.message}`);
  });
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) throw misused(`${path} is no file; pack folders into one first`);
    if (!fitsAsFileName(name)) throw misused(`${name} is no name that every system can have`);
    return { name, size: stat.size, sha256: encodeHex(await digestOf(handle)), handle };
  } catch (thrown) {
    await handle.close();
    throw thrown;
  }
}

/** The content from an offset on, piece by piece. */
export async function* contentOf(
  { handle, size }: OfferedFile,
  offset: number,
  pieceBytes: number,
): AsyncGenerator<Uint8Array, undefined> {
  for (let at = offset; at < size; ) {
    const piece = new Uint8Array(Math.min(pieceBytes, size - at));
    const { bytesRead } = await handle.read(piece, 0, piece.length, at);
    if (bytesRead === 0) return undefined;
    at += bytesRead;
    yield piece.subarray(0, bytesRead);
  }
  return undefined;
}
