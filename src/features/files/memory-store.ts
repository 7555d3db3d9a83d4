import { equalBytes } from "../../bytes/equal.ts";
import type { FileDraft, FileStore, StoredFile } from "../../core/contracts/file-store.ts";
import { checkPositive } from "../../core/engine/check-options.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { sha256 } from "../../crypto/sha256.ts";
import { checksumMismatch, fileNotFound } from "./file-errors.ts";
import { checkedFileName, namesFor, noNameLeft } from "./file-names.ts";

/** What a store in memory may hold. */
export interface MemoryStoreOptions {
  /** All files together, and those that are on their way. @default 268_435_456 */
  readonly maxTotalBytes?: number;
  /** Milliseconds since the epoch; for tests. @default Date.now */
  readonly now?: () => number;
}

/** Keeps files until the program ends: for tests, browsers and small things. */
export function memoryStore(options: MemoryStoreOptions = {}): FileStore {
  const { maxTotalBytes = 268_435_456, now = Date.now } = options;
  checkPositive({ maxTotalBytes });
  return new MemoryStore(maxTotalBytes, now);
}

class MemoryStore implements FileStore {
  readonly #files = new Map<string, Uint8Array>();
  readonly #maxTotalBytes: number;
  readonly #now: () => number;
  #totalBytes = 0;

  constructor(maxTotalBytes: number, now: () => number) {
    this.#maxTotalBytes = maxTotalBytes;
    this.#now = now;
  }

  async create(name: string, size: number): Promise<FileDraft> {
    checkedFileName(name);
    this.#reserve(name, size);
    let content: Uint8Array | undefined = new Uint8Array(size);
    const discard = async () => {
      if (content) this.#totalBytes -= size;
      content = undefined;
    };
    return {
      discard,
      write: async (offset, chunk) => {
        if (offset + chunk.length > size) throw beyond(name, size);
        content?.set(chunk, offset);
      },
      commit: async (expected) => {
        const got = sha256(content ?? new Uint8Array());
        if (!content || !equalBytes(got, expected)) {
          await discard();
          throw checksumMismatch(expected, got);
        }
        const free = this.#freeName(name);
        this.#files.set(free, content);
        content = undefined;
        return { name: free, size };
      },
    };
  }

  async find(name: string): Promise<StoredFile | undefined> {
    const content = this.#files.get(name);
    return content && { name, size: content.length };
  }

  async read(name: string, offset: number, length: number): Promise<Uint8Array> {
    return this.#contentOf(name).slice(offset, offset + length);
  }

  async digest(name: string): Promise<Uint8Array> {
    return sha256(this.#contentOf(name));
  }

  async *list(): AsyncGenerator<StoredFile, undefined> {
    for (const name of [...this.#files.keys()].sort()) {
      const found = await this.find(name);
      if (found) yield found;
    }
    return undefined;
  }

  async remove(name: string): Promise<void> {
    this.#totalBytes -= this.#files.get(name)?.length ?? 0;
    this.#files.delete(name);
  }

  #reserve(name: string, size: number): void {
    if (this.#totalBytes + size > this.#maxTotalBytes) {
      const free = this.#maxTotalBytes - this.#totalBytes;
      const message = `${name} has ${size} bytes, ${free} are free: remove something first`;
      throw new SealwireError("TOO_LARGE", message);
    }
    this.#totalBytes += size;
  }

  #freeName(name: string): string {
    for (const each of namesFor(name, this.#now())) if (!this.#files.has(each)) return each;
    throw noNameLeft(name);
  }

  #contentOf(name: string): Uint8Array {
    const content = this.#files.get(name);
    if (content) return content;
    throw fileNotFound();
  }
}

function beyond(name: string, size: number): SealwireError {
  return new SealwireError("TOO_LARGE", `${name} was announced with ${size} bytes, more came`);
}
