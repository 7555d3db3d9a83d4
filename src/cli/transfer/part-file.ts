import { createHash, type Hash } from "node:crypto";
import { type FileHandle, link, open, rename, unlink } from "node:fs/promises";
import { join } from "node:path";
import { systemCode } from "../../core/engine/system-errors.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { namesFor, noNameLeft } from "../../features/files/file-names.ts";
import { fileReason } from "../file-reason.ts";
import type { FileDescription } from "./offered-file.ts";

const PIECE_BYTES = 1_048_576;

/**
 * A file on its way in, under a name of its own until it is whole. What an earlier try has left
 * there counts, if it is of the same content.
 */
export class PartFile {
  readonly #folder: string;
  readonly #file: FileDescription;
  readonly #path: string;
  readonly #handle: FileHandle;
  readonly #hash: Hash;
  #bytes: number;

  private constructor(
    at: { readonly folder: string; readonly path: string },
    file: FileDescription,
    found: { readonly handle: FileHandle; readonly hash: Hash; readonly bytes: number },
  ) {
    this.#folder = at.folder;
    this.#path = at.path;
    this.#file = file;
    this.#handle = found.handle;
    this.#hash = found.hash;
    this.#bytes = found.bytes;
  }

  /** Opens what is there, or begins. */
  static async open(folder: string, file: FileDescription): Promise<PartFile> {
    const path = join(folder, `.${file.sha256.slice(0, 32)}.sealwire-part`);
    const handle = await open(path, "a+", 0o600).catch((cause) =>
      Promise.reject(unwritable(folder, cause)),
    );
    const hash = createHash("sha256");
    const piece = new Uint8Array(PIECE_BYTES);
    let bytes = 0;
    for (;;) {
      const { bytesRead } = await handle.read(piece, 0, PIECE_BYTES, bytes);
      if (bytesRead === 0) break;
      hash.update(piece.subarray(0, bytesRead));
      bytes += bytesRead;
    }
    const part = new PartFile({ folder, path }, file, { handle, hash, bytes });
    if (bytes <= file.size) return part;
    await part.discard();
    return PartFile.open(folder, file);
  }

  /** How much is there. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds the next piece. @throws `TOO_LARGE` beyond the size that was told */
  async add(piece: Uint8Array): Promise<void> {
    if (this.#bytes + piece.length > this.#file.size) {
      throw new SealwireError("TOO_LARGE", `${this.#file.name} is longer than was told`);
    }
    const written = this.#handle.appendFile(piece);
    await written.catch((cause) => Promise.reject(unwritable(this.#folder, cause)));
    this.#hash.update(piece);
    this.#bytes += piece.length;
  }

  /**
   * Checks the whole and gives it its name, or another one that is free; tells where it is.
   *
   * @throws `CONFLICT` when it is not what was told; then it has to begin anew
   */
  async commit(): Promise<string> {
    await this.#handle.sync();
    if (this.#hash.digest("hex") !== this.#file.sha256) {
      await this.discard();
      const message = `${this.#file.name} is damaged: its SHA-256 is another; receive it again`;
      throw new SealwireError("CONFLICT", message);
    }
    await this.#handle.close();
    for (const name of namesFor(this.#file.name, Date.now())) {
      const path = join(this.#folder, name);
      if (await this.#named(path)) return path;
    }
    throw noNameLeft(this.#file.name);
  }

  /** Leaves it for another try. */
  async close(): Promise<void> {
    await this.#handle.close();
  }

  async discard(): Promise<void> {
    await this.#handle.close();
    await unlink(this.#path);
  }

  /** A link is refused where the name is taken; moving would take its place. */
  async #named(path: string): Promise<boolean> {
    try {
      await link(this.#path, path);
      await unlink(this.#path);
      return true;
    } catch (thrown) {
      const code = systemCode(thrown);
      if (code === "EEXIST") return false;
      if (code !== "EPERM" && code !== "ENOTSUP") throw thrown;
    }
    // File systems without links: the name is taken by an empty file first.
    return open(path, "wx").then(
      async (taken) => {
        await taken.close();
        await rename(this.#path, path);
        return true;
      },
      () => false,
    );
  }
}

const FULL: ReadonlySet<string | undefined> = new Set(["ENOSPC", "EDQUOT"]);

/** What has come is kept, and gone on with. */
function unwritable(folder: string, cause: unknown): SealwireError {
  const code = FULL.has(systemCode(cause)) ? "TOO_LARGE" : "PERMISSION_DENIED";
  const message =
    `cannot write into ${folder}: ${fileReason(cause)}; what has come is kept there: ` +
    "run the same command again when that is mended";
  return new SealwireError(code, message, { cause });
}
