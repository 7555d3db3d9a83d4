import { constants, type Stats } from "node:fs";
import { type FileHandle, lstat, open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type {
  DraftOptions,
  FileDraft,
  FileStore,
  StoredFile,
} from "../../core/contracts/file-store.ts";
import { checkPositive, invalidOption, withDefaults } from "../../core/engine/check-options.ts";
import { systemCode } from "../../core/engine/system-errors.ts";
import { digestOf } from "./digest-of.node.ts";
import { fileNotFound, tooLargeFile } from "./file-errors.ts";
import { checkedFileName, fitsAsFileName } from "./file-names.ts";
import { FolderDrafts } from "./folder-drafts.node.ts";
import { inFolder } from "./folder-failure.node.ts";
import { checkBounds, DRAFT_DEFAULTS, type StoreBounds } from "./store-bounds.ts";

/** Where a store in a folder lies and what it takes. */
export interface FolderStoreOptions extends Partial<StoreBounds> {
  /** Made if it is not there. Only plain files directly in it are seen. */
  readonly folder: string;
  /** A larger file is refused before it is written. @default 1_073_741_824 */
  readonly maxFileBytes?: number;
  /** All files together, and those that are on their way. @default 107_374_182_400 */
  readonly maxTotalBytes?: number;
  /** The same of one owner; who owns what outlives a restart. @default 10_737_418_240 */
  readonly maxOwnerBytes?: number;
  /** Milliseconds since the epoch; for tests. @default Date.now */
  readonly now?: () => number;
}

/** Defaults of the numbers. */
export const FOLDER_DEFAULTS: StoreBounds & { readonly maxFileBytes: number } = Object.freeze({
  ...DRAFT_DEFAULTS,
  maxFileBytes: 1_073_741_824,
  maxTotalBytes: 107_374_182_400,
  maxOwnerBytes: 10_737_418_240,
});

/**
 * Keeps files in a folder. Names are checked, links are not followed, a file appears whole or not
 * at all. What a broken try has left outlives a restart, hidden, and waits a day for the next one.
 *
 * @throws `INVALID_ARGUMENT` for an option that makes no sense
 */
export function folderStore(options: FolderStoreOptions): FileStore {
  const { folder, now = Date.now, ...given } = options;
  if (typeof folder !== "string" || folder === "") {
    throw invalidOption("folder", folder, "the path of a folder");
  }
  const bounds = withDefaults<typeof FOLDER_DEFAULTS>(FOLDER_DEFAULTS, given);
  checkPositive({ maxFileBytes: bounds.maxFileBytes });
  checkBounds(bounds);
  return new FolderStore(folder, bounds, now);
}

/** Digests that are remembered. */
const MAX_DIGESTS = 1_000;

class FolderStore implements FileStore {
  readonly #folder: string;
  readonly #maxFileBytes: number;
  readonly #drafts: FolderDrafts;
  /** By name, as long as size and time of change stay the same: downloads ask for it each time. */
  readonly #digests = new Map<string, { readonly stamp: string; readonly sha256: Uint8Array }>();

  constructor(folder: string, bounds: typeof FOLDER_DEFAULTS, now: () => number) {
    this.#folder = folder;
    this.#maxFileBytes = bounds.maxFileBytes;
    this.#drafts = new FolderDrafts({ folder, bounds, now, files: () => this.list() });
  }

  async create(name: string, size: number, options: DraftOptions = {}): Promise<FileDraft> {
    checkedFileName(name);
    if (size > this.#maxFileBytes) throw tooLargeFile(name, size, this.#maxFileBytes);
    return inFolder(() => this.#drafts.open(name, size, options));
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
    const found = await this.#look(name);
    if (!found) return;
    await inFolder(() => rm(this.#path(name), { force: true }));
    await this.#drafts.removed(name, found.size);
  }

  async #names(): Promise<string[]> {
    try {
      return await readdir(this.#folder);
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
    return join(this.#folder, name);
  }
}
