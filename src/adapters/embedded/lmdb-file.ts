import { Buffer } from "node:buffer";
import { join as joinBytes } from "../../bytes/join.ts";
import { Reader } from "../../bytes/reader.ts";
import { decodeUtf8, encodeUtf8 } from "../../bytes/text.ts";
import { Writer } from "../../bytes/writer.ts";
import type { Entry } from "../../core/contracts/store.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { storeError } from "./store-error.ts";

/** The library, where it is installed. */
export type LmdbModule = typeof import("lmdb");

type Database = ReturnType<LmdbModule["open"]>;

/** Of the entries in the file; what knows only lower ones must not read them. */
const FORMAT = 1;

/** Keys of the file itself and of its entries begin differently. */
const META = encodeUtf8("m/meta");
const ENTRY = "e/";
/** How long a flush may take before a write has failed. */
const MAX_FLUSH_MS = 30_000;
/** Behind every text in UTF-8. */
const BEHIND = Uint8Array.of(0xff);

/** Entries in one file of lmdb. */
export class LmdbFile {
  readonly #database: Database;
  readonly #path: string;
  #lastVersion = 0;

  /** @throws `UNSUPPORTED` for a file of a newer version */
  constructor(library: LmdbModule, path: string, readOnly: boolean) {
    this.#path = path;
    this.#database = library.open({
      path,
      noSubdir: true,
      readOnly,
      encoding: "binary",
      keyEncoding: "binary",
      maxReaders: 16,
      // Writes come in groups; and its own groups leave a promise of each failed commit unheard.
      eventTurnBatching: false,
    });
    try {
      this.#readMeta();
    } catch (thrown) {
      void this.#database.close();
      throw thrown;
    }
  }

  get lastVersion(): number {
    return this.#lastVersion;
  }

  get(key: string): Entry | undefined {
    const bytes: unknown = this.#database.get(keyOf(key));
    return bytes instanceof Uint8Array ? entryFrom(bytes) : undefined;
  }

  *list(prefix: string): Generator<readonly [string, Entry]> {
    const start = keyOf(prefix);
    for (const { key, value } of this.#database.getRange({
      start,
      end: joinBytes([start, BEHIND]),
    })) {
      const [name, bytes]: readonly unknown[] = [key, value];
      if (!(name instanceof Uint8Array) || !(bytes instanceof Uint8Array)) continue;
      const text = decodeUtf8(name);
      if (text !== undefined) yield [text.slice(ENTRY.length), entryFrom(bytes)];
    }
  }

  /** Resolves when the system has it on the disk. */
  async commit(
    entries: ReadonlyMap<string, Entry | undefined>,
    lastVersion: number,
  ): Promise<void> {
    const database = this.#database;
    try {
      await settled(database, () => {
        const puts: unknown[] = [database.put(META, metaOf(lastVersion))];
        for (const [key, entry] of entries) {
          if (entry) puts.push(database.put(keyOf(key), bytesOf(entry)));
          else puts.push(database.remove(keyOf(key)));
        }
        return puts;
      });
      await inTime(database.flushed);
      this.#lastVersion = lastVersion;
    } catch (thrown) {
      throw storeError(`cannot write ${this.#path}`, await causeOf(thrown));
    } finally {
      // What is read next must be what was written, not what this turn of the loop has seen before.
      database.resetReadTxn();
    }
  }

  close(): Promise<void> {
    return this.#database.close();
  }

  #readMeta(): void {
    const bytes: unknown = this.#database.get(META);
    if (!(bytes instanceof Uint8Array)) return;
    const fields = new Reader(bytes);
    const format = fields.uint32();
    if (format > FORMAT) throw newer(this.#path, format);
    this.#lastVersion = Number(fields.uint64());
  }
}

/** All in one transaction. Each write has a promise of its own, which nobody else looks at. */
async function settled(database: Database, write: () => readonly unknown[]): Promise<void> {
  let puts: readonly unknown[] = [];
  const batch = database.batch(() => {
    puts = write();
  });
  const all = [batch, ...puts];
  await Promise.all(all).catch(async (first: unknown) => {
    const results = await Promise.allSettled(all);
    const failed = results.find((result) => result.status === "rejected");
    throw failed?.status === "rejected" ? failed.reason : first;
  });
}

/** The library tells why in a promise beside the error; unheard, that would end the process. */
async function causeOf(thrown: unknown): Promise<unknown> {
  if (typeof thrown !== "object" || thrown === null || !("commitError" in thrown)) return thrown;
  const { commitError } = thrown;
  if (!(commitError instanceof Promise)) return thrown;
  const why = commitError.then(() => thrown).catch((reason: unknown) => reason);
  return inTime(why).catch(() => thrown);
}

/** A disk that fails while it flushes is not told of: the promise stays open. */
async function inTime<Result>(promise: PromiseLike<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(unflushed()), MAX_FLUSH_MS);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

function unflushed(): SealwireError {
  return new SealwireError("UNAVAILABLE", "the disk does not say that it has flushed");
}

/** Out of Node's pool, as each write needs one of these and one of those. */
function keyOf(key: string): Uint8Array {
  return Buffer.from(ENTRY + key);
}

function bytesOf({ version, value }: Entry): Uint8Array {
  const bytes = Buffer.allocUnsafe(8 + value.length);
  bytes.writeBigUInt64BE(BigInt(version));
  bytes.set(value, 8);
  return bytes;
}

/** A copy: the memory of what lmdb gives may change. */
function entryFrom(bytes: Uint8Array): Entry {
  const fields = new Reader(Uint8Array.from(bytes));
  return { version: Number(fields.uint64()), value: fields.rest() };
}

function metaOf(lastVersion: number): Uint8Array {
  return new Writer().uint32(FORMAT).uint64(BigInt(lastVersion)).finish();
}

function newer(path: string, format: number): SealwireError {
  const message = `${path} was written by a newer Sealwire (format ${format}, here ${FORMAT})`;
  return new SealwireError("UNSUPPORTED", `${message}: use that one, or another folder`);
}
