import type {
  DraftOptions,
  FileDraft,
  FileStore,
  StoredFile,
} from "../../core/contracts/file-store.ts";
import { withDefaults } from "../../core/engine/check-options.ts";
import { sha256 } from "../../crypto/sha256.ts";
import { fileNotFound } from "./file-errors.ts";
import { checkedFileName, namesFor, noNameLeft } from "./file-names.ts";
import { memoryDraft } from "./memory-draft.ts";
import { checkBounds, DRAFT_DEFAULTS, type StoreBounds } from "./store-bounds.ts";
import { StoreRoom } from "./store-room.ts";

/** What a store in memory may hold. */
export interface MemoryStoreOptions extends Partial<StoreBounds> {
  /** All files together, and those that are on their way. @default 268_435_456 */
  readonly maxTotalBytes?: number;
  /** The same of one owner. @default what all together may have */
  readonly maxOwnerBytes?: number;
  /** Milliseconds since the epoch; for tests. @default Date.now */
  readonly now?: () => number;
}

/**
 * Keeps files until the program ends: for tests, browsers and small things.
 *
 * @throws `INVALID_ARGUMENT` for an option that makes no sense
 */
export function memoryStore(options: MemoryStoreOptions = {}): FileStore {
  const { now = Date.now, ...given } = options;
  const maxTotalBytes = given.maxTotalBytes ?? 268_435_456;
  const defaults = { ...DRAFT_DEFAULTS, maxTotalBytes, maxOwnerBytes: maxTotalBytes };
  const bounds = withDefaults<StoreBounds>(defaults, given);
  checkBounds(bounds);
  return new MemoryStore(bounds, now);
}

interface Held {
  readonly content: Uint8Array;
  readonly owner: string;
}

interface Left {
  readonly content: Uint8Array;
  readonly reachedBytes: number;
}

class MemoryStore implements FileStore {
  readonly #files = new Map<string, Held>();
  readonly #room: StoreRoom<Left>;
  readonly #now: () => number;

  constructor(bounds: StoreBounds, now: () => number) {
    this.#room = new StoreRoom({ bounds, now, discard: async () => {} });
    this.#now = now;
  }

  async create(name: string, size: number, options: DraftOptions = {}): Promise<FileDraft> {
    checkedFileName(name);
    const opening = await this.#room.open(name, size, options);
    const { left, key, wanted } = opening;
    const content = left?.content ?? new Uint8Array(size);
    return memoryDraft({
      name,
      content,
      keptBytes: key === undefined ? undefined : (left?.reachedBytes ?? 0),
      store: () => {
        const free = this.#freeName(name);
        this.#files.set(free, { content, owner: wanted.owner });
        this.#room.settle(opening);
        return free;
      },
      release: () => this.#room.release(opening),
      leave: (reachedBytes) => this.#room.leave(opening, { content, reachedBytes }),
    });
  }

  async find(name: string): Promise<StoredFile | undefined> {
    const held = this.#files.get(name);
    return held && { name, size: held.content.length };
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
    const held = this.#files.get(name);
    if (held) this.#room.add(held.owner, -held.content.length);
    this.#files.delete(name);
  }

  #freeName(name: string): string {
    for (const each of namesFor(name, this.#now())) if (!this.#files.has(each)) return each;
    throw noNameLeft(name);
  }

  #contentOf(name: string): Uint8Array {
    const held = this.#files.get(name);
    if (held) return held.content;
    throw fileNotFound();
  }
}
