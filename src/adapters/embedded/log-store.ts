import { join } from "node:path";
import type { Entry, Store } from "../../core/contracts/store.ts";
import { checkWord } from "../../core/engine/check-options.ts";
import { embeddedStore } from "../../core/engine/embedded-store.ts";
import { ownFolder } from "./folder-owner.ts";
import { LogFile } from "./log-file.ts";
import { readOnly, storeError } from "./store-error.ts";

/** Where and how a log keeps what it is given. */
export interface LogStoreOptions {
  /** Made if it is not there; one process has it to itself. */
  readonly folder: string;
  /**
   * `always`: a write that has resolved is on the disk. `never`: it is with the system, which loses
   * it when the machine, not the process, dies.
   *
   * @default "always"
   */
  readonly flush?: "always" | "never";
  /**
   * When something within the log is damaged, behind which whole records follow: refuse to open,
   * or keep what stands before it.
   *
   * @default "refuse"
   */
  readonly damaged?: "refuse" | "keep-before";
}

/** The file within the folder. */
export const LOG_FILE = "state.log";

/**
 * A store without other packages: a log to which every change is added, written anew when most of
 * it is old. Everything is in memory too. A record that was cut short by a crash is left out.
 *
 * @throws `RECORD_REJECTED` for a damaged file, `UNSUPPORTED` for one of a newer version,
 * `UNAVAILABLE` when another process has the folder
 */
export async function logStore(options: LogStoreOptions): Promise<Store> {
  const { folder, flush = "always", damaged = "refuse" } = options;
  checkWord("flush", flush, ["always", "never"]);
  checkWord("damaged", damaged, ["refuse", "keep-before"]);
  const owner = await ownFolder(folder);
  const description = `log in ${folder}`;
  try {
    const path = join(folder, LOG_FILE);
    const file = await LogFile.open(path, { flush, damaged, readOnly: owner.readOnly });
    return embeddedStore({
      description: owner.readOnly ? `${description} (read-only)` : description,
      get lastVersion() {
        return file.lastVersion;
      },
      get: (key) => file.entries.get(key),
      list: (prefix) =>
        [...file.entries]
          .filter(([key]) => key.startsWith(prefix))
          .sort(([a], [b]) => (a < b ? -1 : 1)),
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
