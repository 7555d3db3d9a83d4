import type { Entry, Store } from "../../core/contracts/store.ts";
import { embeddedStore, type StoreBackend } from "../../core/engine/embedded-store.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { type FolderOwner, ownFolder } from "./folder-owner.ts";
import { readOnly, storeError } from "./store-error.ts";

/** The file in which a store keeps its entries, opened; one commit at a time. */
export type EntryFile = Omit<StoreBackend, "description">;

/** What a folder keeps its entries in. */
export interface FolderFormat {
  /** For people, such as `lmdb`. */
  readonly name: string;
  /** @throws where it cannot be opened so */
  open(readOnly: boolean): Promise<EntryFile>;
}

/**
 * A store in a folder that one process has to itself. One that cannot be written is read; each
 * write tries anew whether it can be written by now.
 *
 * @throws `UNAVAILABLE` when another process has the folder, and as `open`
 */
export async function folderStore(folder: string, format: FolderFormat): Promise<Store> {
  const owner = await ownFolder(folder);
  try {
    return embeddedStore(new OwnedFolder(folder, format, owner, await format.open(owner.readOnly)));
  } catch (thrown) {
    await owner.release();
    throw storeError(`cannot open the store in ${folder}`, thrown);
  }
}

class OwnedFolder implements StoreBackend {
  readonly #folder: string;
  readonly #format: FolderFormat;
  #owner: FolderOwner;
  #file: EntryFile;
  /** What is known above is not what is in the file any more. */
  #changed = false;

  constructor(folder: string, format: FolderFormat, owner: FolderOwner, file: EntryFile) {
    this.#folder = folder;
    this.#format = format;
    this.#owner = owner;
    this.#file = file;
  }

  get description(): string {
    const where = `${this.#format.name} in ${this.#folder}`;
    return this.#owner.readOnly ? `${where} (read-only)` : where;
  }

  get lastVersion(): number {
    return this.#file.lastVersion;
  }

  get(key: string): Entry | undefined {
    return this.#file.get(key);
  }

  list(prefix: string): Iterable<readonly [string, Entry]> {
    return this.#file.list(prefix);
  }

  async commit(entries: ReadonlyMap<string, Entry | undefined>, version: number): Promise<void> {
    if (this.#owner.readOnly) await this.#takeOver();
    if (this.#changed) throw changed(this.#folder);
    await this.#file.commit(entries, version);
  }

  async close(): Promise<void> {
    await this.#file.close();
    await this.#owner.release();
  }

  /** @throws `UNAVAILABLE` while it cannot be written */
  async #takeOver(): Promise<void> {
    const owner = await ownFolder(this.#folder);
    if (owner.readOnly) throw readOnly(this.description);
    const before = this.#file;
    try {
      await before.close();
      this.#file = await this.#format.open(false);
      this.#owner = owner;
    } catch (thrown) {
      await owner.release();
      this.#file = await this.#format.open(true);
      throw storeError(`cannot write the store in ${this.#folder}`, thrown);
    }
    this.#changed = this.#file.lastVersion !== before.lastVersion;
  }
}

function changed(folder: string): SealwireError {
  const message = `another process has written ${folder} while it could only be read here`;
  return new SealwireError("UNAVAILABLE", `${message}: start this one anew`);
}
