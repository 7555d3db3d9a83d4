import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import type { Entry } from "../../core/contracts/store.ts";
import { formatRecord } from "./log-record.ts";
import type { LogStoreOptions } from "./log-store.ts";
import { LOG_HEADER, readLog } from "./log-text.ts";
import { codeOf, storeError } from "./store-error.ts";

/** Below it a log is not worth being written anew. */
const LEAST_REWRITTEN_BYTES = 1_048_576;

/** So much longer than what it holds a log may be. */
const MAX_GROWTH = 4;

/** About so much goes into one record of a log that is written anew. */
const REWRITTEN_RECORD_BYTES = 1_048_576;

/** How a log is opened. */
export interface LogFileOptions extends Required<Omit<LogStoreOptions, "folder">> {
  readonly readOnly: boolean;
}

/** One log, and what it holds. */
export class LogFile {
  readonly #path: string;
  readonly #options: LogFileOptions;
  readonly #entries = new Map<string, Entry>();
  lastVersion = 0;
  #file: FileHandle;
  /** Behind the last whole record. */
  #end: number;
  #rewriteAt = LEAST_REWRITTEN_BYTES;
  /** Nobody knows what of the file is on the disk: only a new one is to be trusted. */
  #doubtful = false;

  private constructor(path: string, options: LogFileOptions, file: FileHandle, end: number) {
    this.#path = path;
    this.#options = options;
    this.#file = file;
    this.#end = end;
  }

  /** @throws as `readLog`, and errors of the system */
  static async open(path: string, options: LogFileOptions): Promise<LogFile> {
    // One that was being written anew and did not take the place of the other.
    if (!options.readOnly) await rm(besideOf(path), { force: true });
    const file = await openLog(path, options.readOnly);
    try {
      // No `Buffer`: its slices are not copies, and one value would hold the whole log.
      const bytes = new Uint8Array(await file.readFile());
      const { records, end } = readLog(bytes, path, options.damaged);
      const log = new LogFile(path, options, file, end);
      for (const { entries, lastVersion } of records) log.#take(entries, lastVersion);
      if (!options.readOnly) await log.#begin();
      return log;
    } catch (thrown) {
      await file.close();
      throw thrown;
    }
  }

  get(key: string): Entry | undefined {
    return this.#entries.get(key);
  }

  list(prefix: string): Iterable<readonly [string, Entry]> {
    const below = [...this.#entries].filter(([key]) => key.startsWith(prefix));
    return below.sort(([a], [b]) => (a < b ? -1 : 1));
  }

  /** Resolves when it is kept. What could not be kept leaves no trace. */
  async commit(
    entries: ReadonlyMap<string, Entry | undefined>,
    lastVersion: number,
  ): Promise<void> {
    try {
      if (this.#doubtful) await this.#rewrite();
      await this.#append(formatRecord({ entries, lastVersion }));
    } catch (thrown) {
      throw storeError(`cannot write ${this.#path}`, thrown);
    }
    this.#take(entries, lastVersion);
    if (this.#end >= this.#rewriteAt) await this.#tryToRewrite();
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  /** Cuts off what was not whole, and writes what every log begins with. */
  async #begin(): Promise<void> {
    await this.#file.truncate(this.#end);
    if (this.#end === 0) await this.#append(LOG_HEADER);
    else await this.#flush(this.#file);
  }

  async #append(bytes: Uint8Array): Promise<void> {
    try {
      await writeAll(this.#file, bytes, this.#end);
    } catch (thrown) {
      await this.#file.truncate(this.#end).catch(() => {
        this.#doubtful = true;
      });
      throw thrown;
    }
    try {
      await this.#flush(this.#file);
    } catch (thrown) {
      // After a flush that failed the system may forget what it could not write.
      this.#doubtful = true;
      throw thrown;
    }
    this.#end += bytes.length;
  }

  #take(entries: ReadonlyMap<string, Entry | undefined>, lastVersion: number): void {
    for (const [key, entry] of entries) {
      // The caller keeps its bytes, and may change them.
      if (entry) this.#entries.set(key, { ...entry, value: entry.value.slice() });
      else this.#entries.delete(key);
    }
    this.lastVersion = lastVersion;
  }

  /** Without it the log goes on, only longer. */
  async #tryToRewrite(): Promise<void> {
    try {
      await this.#rewrite();
    } catch {
      this.#rewriteAt = this.#end * 2;
    }
  }

  async #rewrite(): Promise<void> {
    const beside = besideOf(this.#path);
    const file = await open(beside, "w+", 0o600);
    let end = 0;
    try {
      for (const bytes of this.#rewritten()) {
        await writeAll(file, bytes, end);
        end += bytes.length;
      }
      await file.sync();
      await rename(beside, this.#path);
    } catch (thrown) {
      await file.close();
      await rm(beside, { force: true });
      throw thrown;
    }
    await flushFolder(dirname(this.#path));
    await this.#file.close().catch(() => {});
    this.#file = file;
    this.#end = end;
    this.#doubtful = false;
    this.#rewriteAt = Math.max(LEAST_REWRITTEN_BYTES, end * MAX_GROWTH);
  }

  *#rewritten(): Generator<Uint8Array> {
    const { lastVersion } = this;
    yield LOG_HEADER;
    let entries = new Map<string, Entry>();
    let bytes = 0;
    for (const [key, entry] of this.#entries) {
      entries.set(key, entry);
      bytes += key.length + entry.value.length;
      if (bytes < REWRITTEN_RECORD_BYTES) continue;
      yield formatRecord({ entries, lastVersion });
      entries = new Map();
      bytes = 0;
    }
    yield formatRecord({ entries, lastVersion });
  }

  async #flush(file: FileHandle): Promise<void> {
    if (this.#options.flush === "always") await file.datasync();
  }
}

function besideOf(path: string): string {
  return `${path}.new`;
}

async function openLog(path: string, readOnly: boolean): Promise<FileHandle> {
  if (readOnly) return open(path, "r");
  try {
    return await open(path, "r+");
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
    const file = await open(path, "wx+", 0o600);
    await flushFolder(dirname(path));
    return file;
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array, begin: number): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, begin + done);
    done += bytesWritten;
  }
}

/** A new name in a folder is kept only with the folder; not every system can be asked for that. */
async function flushFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, "r");
    await handle.sync().finally(() => handle.close());
  } catch {}
}
