import { join } from "node:path";
import type { Store } from "../../core/contracts/store.ts";
import { checkWord } from "../../core/engine/check-options.ts";
import { folderStore } from "./folder-store.ts";
import { LogFile } from "./log-file.ts";

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
  const path = join(folder, LOG_FILE);
  return folderStore(folder, {
    name: "log",
    open: (readOnly) => LogFile.open(path, { flush, damaged, readOnly }),
  });
}
