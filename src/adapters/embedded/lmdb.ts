import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Store } from "../../core/contracts/store.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { folderStore } from "./folder-store.ts";
import { LmdbFile, type LmdbModule } from "./lmdb-file.ts";
import { readOnly } from "./store-error.ts";

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
  const path = join(folder, LMDB_FILE);
  return folderStore(folder, {
    name: "lmdb",
    async open(isReadOnly) {
      if (isReadOnly && !existsSync(path)) throw readOnly(`the empty folder ${folder}`);
      return new LmdbFile(library, path, isReadOnly);
    },
  });
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
