import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Entry, Store } from "../../core/contracts/store.ts";
import { embeddedStore } from "../../core/engine/embedded-store.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { ownFolder } from "./folder-owner.ts";
import { LmdbFile, type LmdbModule } from "./lmdb-file.ts";
import { readOnly, storeError } from "./store-error.ts";

/** Where lmdb keeps what it is given. */
export interface LmdbOptions {
  /** Made if it is not there; one process has it to itself. */
  readonly folder: string;
}

/** The file within the folder. */
export const LMDB_FILE = "state.mdb";

/**
 * A store on the package `lmdb`: a write that has resolved has been flushed to the disk. In a
 * folder that cannot be written what is there can be read.
 *
 * @throws `UNSUPPORTED` when the package is not installed or does not load, and for files of a
 * newer version; `UNAVAILABLE` when another process has the folder
 */
export async function lmdb({ folder }: LmdbOptions): Promise<Store> {
  const library = await loadLmdb();
  if (!library) throw notInstalled(folder);
  const owner = await ownFolder(folder);
  try {
    const description = `lmdb in ${folder}`;
    const path = join(folder, LMDB_FILE);
    if (owner.readOnly && !existsSync(path)) throw readOnly(`the empty folder ${folder}`);
    const file = new LmdbFile(library, path, owner.readOnly);
    return embeddedStore({
      description: owner.readOnly ? `${description} (read-only)` : description,
      get lastVersion() {
        return file.lastVersion;
      },
      get: (key) => file.get(key),
      list: (prefix) => file.list(prefix),
      async commit(entries: ReadonlyMap<string, Entry | undefined>, lastVersion: number) {
        if (owner.readOnly) throw readOnly(description);
        await file.commit(entries, lastVersion);
      },
      async close() {
        await file.close();
        await owner.release();
      },
    });
  } catch (thrown) {
    await owner.release();
    throw storeError(`cannot open the store in ${folder}`, thrown);
  }
}

/** The library; `undefined` where it is not installed or does not load. */
export async function loadLmdb(): Promise<LmdbModule | undefined> {
  try {
    return await import("lmdb");
  } catch {
    return undefined;
  }
}

/** @returns what to do about a missing package */
export function notInstalled(folder: string): SealwireError {
  const message = `the store in ${folder} needs the package lmdb, which is not there or does not load`;
  return new SealwireError("UNSUPPORTED", `${message}: npm install lmdb`);
}
