import { constants, type Stats } from "node:fs";
import { type FileHandle, lstat, mkdir, open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { FileDraft, FileStore, StoredFile } from "../../core/contracts/file-store.ts";
import { checkPositive, invalidOption } from "../../core/engine/check-options.ts";
import { systemCode } from "../../core/engine/system-errors.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { digestOf } from "./digest-of.node.ts";
import { fileNotFound } from "./file-errors.ts";
import { checkedFileName, fitsAsFileName } from "./file-names.ts";
import { createFolderDraft, removeAbandoned } from "./folder-draft.node.ts";

/** Where a store in a folder lies and what it takes. */
export interface FolderStoreOptions {
  /** Made if it is not there. Only plain files directly in it are seen. */
  readonly folder: string;
  /** A larger file is refused before it is written. @default 1_073_741_824 */
  readonly maxFileBytes?: number;
  /** Milliseconds since the epoch; for tests. @default Date.now */
  readonly now?: () => number;
}

/**
 * Keeps files in a folder. Names are checked, links are not followed, a file appears whole or not
 * at all. What a crash left behind (`.<random>.part`) is removed at the first upload a day later.
 *
 * @throws `INVALID_ARGUMENT` for an option that makes no sense
 */
export function folderStore(options: FolderStoreOptions): FileStore {
  const { folder, maxFileBytes = 1_073_741_824, now = Date.now } = options;
  if (typeof folder !== "string" || folder === "") {
    throw invalidOption("folder", folder, "the path of a folder");
  }
  checkPositive({ maxFileBytes });
  return new FolderStore({ folder, maxFileBytes, now });
}

/** Digests that are remembered. */
const MAX_DIGESTS = 1_000;

class FolderStore implements FileStore {
  readonly #options: Required<FolderStoreOptions>;
  /** By name, as long as size and time of change stay the same: downloads ask for it each time. */
  readonly #digests = new Map<string, { readonly stamp: string; readonly sha256: Uint8Array }>();

  #cleaned: Promise<void> | undefined;

  constructor(options: Required<FolderStoreOptions>) {
    this.#options = options;
  }

  async create(name: string, size: number): Promise<FileDraft> {
    checkedFileName(name);
    const { folder, maxFileBytes, now } = this.#options;
    if (size > maxFileBytes) throw tooLarge(name, size, maxFileBytes);
    await mkdir(folder, { recursive: true });
    this.#cleaned ??= removeAbandoned(folder, now());
    await this.#cleaned;
    return createFolderDraft({ folder, name, size, now });
  }

  async find(name: string): Promise<StoredFile | undefined> {
    const found = await this.#look(name);
    return found && { name, size: found.size };
  }

  async read(name: string, offset: number, length: number): Promise<Uint8Array> {
    return this.#reading(name, async (file) => {
      const { bytesRead, buffer } = await file.read(new Uint8Array(length), 0, length, offset);
      return buffer.subarray(0, bytesRead);
    });
  }

  async digest(name: string): Promise<Uint8Array> {
    return this.#reading(name, async (file, { size, mtimeMs, ino }) => {
      const stamp = `${ino} ${size} ${mtimeMs}`;
      const known = this.#digests.get(name);
      if (known?.stamp === stamp) return known.sha256;
      const sha256 = await digestOf(file);
      if (this.#digests.size >= MAX_DIGESTS) this.#digests.clear();
      this.#digests.set(name, { stamp, sha256 });
      return sha256;
    });
  }

  async *list(): AsyncGenerator<StoredFile, undefined> {
    for (const name of (await this.#names()).sort()) {
      const found = await this.find(name);
      if (found) yield found;
    }
    return undefined;
  }

  async remove(name: string): Promise<void> {
    if (await this.#look(name)) await rm(this.#path(name), { force: true });
  }

  async #names(): Promise<string[]> {
    try {
      return await readdir(this.#options.folder);
    } catch (thrown) {
      // Before the first file there need not be a folder.
      if (systemCode(thrown) === "ENOENT") return [];
      throw thrown;
    }
  }

  /** Links, folders and devices count as absent. */
  async #look(name: string): Promise<Stats | undefined> {
    if (!fitsAsFileName(name)) return undefined;
    try {
      const stats = await lstat(this.#path(name));
      return stats.isFile() ? stats : undefined;
    } catch (thrown) {
      if (systemCode(thrown) === "ENOENT") return undefined;
      throw thrown;
    }
  }

  async #reading<Result>(
    name: string,
    read: (file: FileHandle, stats: Stats) => Promise<Result>,
  ): Promise<Result> {
    const stats = await this.#look(name);
    if (!stats) throw fileNotFound();
    // Between the look and this a link may have taken its place. Windows has no such flag.
    const file = await open(this.#path(name), constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
    try {
      return await read(file, stats);
    } finally {
      await file.close();
    }
  }

  #path(name: string): string {
    return join(this.#options.folder, name);
  }
}

function tooLarge(name: string, size: number, most: number): SealwireError {
  return new SealwireError("TOO_LARGE", `${name} has ${size} bytes, at most ${most} are taken`);
}
