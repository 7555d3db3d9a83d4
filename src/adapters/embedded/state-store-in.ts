import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Store } from "../../core/contracts/store.ts";
import { LMDB_FILE, lmdb, loadLmdb } from "./lmdb.ts";
import { LOG_FILE, type LogStoreOptions, logStore } from "./log-store.ts";

/** How a folder keeps state. */
export type StateStoreOptions = Omit<LogStoreOptions, "folder">;

/**
 * The store in a folder: the one that is there; in a new folder lmdb where the package loads, and
 * otherwise a log without it. Its `description` says which.
 *
 * @throws `UNSUPPORTED` for a folder of lmdb where the package does not load, and for files of a
 * newer version; `UNAVAILABLE` when another process has the folder
 */
export async function stateStoreIn(
  folder: string,
  options: StateStoreOptions = {},
): Promise<Store> {
  if (existsSync(join(folder, LOG_FILE))) return logStore({ ...options, folder });
  if (existsSync(join(folder, LMDB_FILE)) || (await loadLmdb())) return lmdb({ folder });
  return logStore({ ...options, folder });
}
