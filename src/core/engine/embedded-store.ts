import type { Change, Entry, Store, Write } from "../contracts/store.ts";
import { SealwireError } from "../model/errors.ts";
import { ChangeFeed } from "./change-feed.ts";

/** What an embedded store is made of: who reads and writes the bytes. */
export interface StoreBackend {
  readonly description: string;
  /** The highest version that was ever given. */
  readonly lastVersion: number;
  get(key: string): Entry | undefined;
  /** By key. */
  list(prefix: string): Iterable<readonly [key: string, entry: Entry]>;
  /**
   * All of it or nothing, each key once; asked one at a time. Resolves when it cannot be lost.
   * Afterwards `get` and `list` give it, and `lastVersion` is kept as well.
   */
  commit(entries: ReadonlyMap<string, Entry | undefined>, lastVersion: number): Promise<void>;
  close(): Promise<void>;
}

/** Changes that may wait for one watcher. */
const MAX_WAITING = 10_000;

/** And what they may take together. */
const MAX_WAITING_BYTES = 67_108_864;

/** The longest key; what holds the keys has bounds of its own, which this stays below. */
const MAX_KEY_LENGTH = 600;

/** Transactions that may wait for the one before them; one more is refused. */
const MAX_QUEUED = 100_000;

/**
 * A store that one process has to itself. Everything that is asked while a commit is under way
 * goes into the next one together, so that the cost of a flush is shared.
 */
export function embeddedStore(backend: StoreBackend): Store {
  const commits = new Commits(backend);
  const only = (write: Write) => commits.add([write]).then(([version = 0]) => version);
  const changeOf = ([key, entry]: readonly [string, Entry]): Change => {
    return { key, entry, version: entry.version };
  };
  return {
    get description() {
      return backend.description;
    },
    async get(key) {
      commits.checkOpen();
      return backend.get(key);
    },
    async put(key, value, expected) {
      return only({ key, value, ...(expected !== undefined && { expected }) });
    },
    async delete(key, expected) {
      await only({ key, ...(expected !== undefined && { expected }) });
    },
    async *list(prefix) {
      commits.checkOpen();
      yield* backend.list(prefix);
    },
    watch(prefix, { signal, onCaughtUp }) {
      // Between commits: within one, what is there may be told once more as a change.
      const watch = commits.whenQuiet(() => {
        const first = signal.aborted ? [] : Array.from(backend.list(prefix), changeOf);
        return commits.feed.watch({ prefix }, { signal, first, onCaughtUp });
      });
      return later(watch);
    },
    transact: (writes) => commits.add(writes),
    close: () => commits.close(),
  };
}

/** An iterator that is there later. */
export function later<Item>(
  iterator: Promise<AsyncIterableIterator<Item, undefined>>,
): AsyncIterableIterator<Item, undefined> {
  iterator.catch(() => {});
  return {
    next: async () => (await iterator).next(),
    async return() {
      await (await iterator).return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

interface Transaction {
  readonly writes: readonly Write[];
  readonly resolve: (versions: readonly number[]) => void;
  readonly reject: (error: SealwireError) => void;
}

/** What one commit brings. */
interface Group {
  readonly entries: Map<string, Entry | undefined>;
  readonly changes: Change[];
  readonly done: (() => void)[];
  readonly failed: Transaction[];
  lastVersion: number;
}

class Commits {
  readonly #backend: StoreBackend;
  readonly feed: ChangeFeed<Change> = new ChangeFeed(MAX_WAITING, {
    most: MAX_WAITING_BYTES,
    of: ({ key, entry }) => key.length + (entry?.value.length ?? 0),
  });
  #queued: Transaction[] = [];
  #quiet: (() => void)[] = [];
  #running: Promise<void> | undefined;
  #closed = false;

  constructor(backend: StoreBackend) {
    this.#backend = backend;
  }

  checkOpen(): void {
    if (this.#closed) throw new SealwireError("UNAVAILABLE", "the store has been closed");
  }

  add(writes: readonly Write[]): Promise<readonly number[]> {
    return new Promise((resolve, reject) => {
      this.checkOpen();
      if (this.#queued.length >= MAX_QUEUED) throw overloaded();
      for (const { key } of writes) if (key.length > MAX_KEY_LENGTH) throw tooLong(key.length);
      this.#queued.push({ writes, resolve, reject });
      // Not before the end of this turn: what is asked in it shares one commit.
      this.#running ??= Promise.resolve().then(() => this.#run());
    });
  }

  /** Runs when no commit is under way. */
  whenQuiet<Result>(run: () => Result): Promise<Result> {
    return new Promise((resolve, reject) => {
      const now = (): void => {
        try {
          this.checkOpen();
          resolve(run());
        } catch (thrown) {
          reject(thrown);
        }
      };
      if (this.#running) this.#quiet.push(now);
      else now();
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#running;
    this.feed.end(new SealwireError("UNAVAILABLE", "the store has been closed"));
    await this.#backend.close();
  }

  async #run(): Promise<void> {
    while (this.#queued.length > 0) {
      const group = this.#judge(this.#queued.splice(0));
      try {
        if (group.entries.size > 0) {
          await this.#backend.commit(group.entries, group.lastVersion);
        }
        for (const change of group.changes) this.feed.publish(change.key, change);
        for (const done of group.done) done();
      } catch (thrown) {
        const error = SealwireError.from(thrown, "UNAVAILABLE");
        for (const { reject } of group.failed) reject(error);
      }
      for (const run of this.#quiet.splice(0)) run();
    }
    this.#running = undefined;
  }

  /** Each transaction sees what those before it do. */
  #judge(transactions: readonly Transaction[]): Group {
    const { lastVersion } = this.#backend;
    const group: Group = { entries: new Map(), changes: [], done: [], failed: [], lastVersion };
    for (const transaction of transactions) {
      const conflict = this.#conflictOf(transaction, group);
      if (conflict) transaction.reject(conflict);
      else this.#join(transaction, group);
    }
    return group;
  }

  #join(transaction: Transaction, group: Group): void {
    const versions: number[] = [];
    for (const { key, value } of transaction.writes) {
      if (value === undefined && !this.#present(key, group)) {
        versions.push(0);
        continue;
      }
      const version = ++group.lastVersion;
      const entry = value && { value, version };
      group.entries.set(key, entry);
      group.changes.push(entry ? { key, version, entry } : { key, version });
      versions.push(entry ? version : 0);
    }
    group.done.push(() => transaction.resolve(versions));
    group.failed.push(transaction);
  }

  #conflictOf({ writes }: Transaction, group: Group): SealwireError | undefined {
    for (const { key, expected } of writes) {
      if (expected === undefined) continue;
      const version = this.#present(key, group)?.version ?? 0;
      if (expected !== version) return conflict(key, version, expected);
    }
    return undefined;
  }

  #present(key: string, { entries }: Group): Entry | undefined {
    return entries.has(key) ? entries.get(key) : this.#backend.get(key);
  }
}

function conflict(key: string, version: number, expected: number): SealwireError {
  const message = `${key} has version ${version}, not ${expected}: read it and try again`;
  return new SealwireError("CONFLICT", message, { details: { version } });
}

function tooLong(length: number): SealwireError {
  const message = `a key has ${length} characters, and may have ${MAX_KEY_LENGTH}`;
  return new SealwireError("TOO_LARGE", message);
}

function overloaded(): SealwireError {
  const message = `${MAX_QUEUED} writes wait for the store; try again when some are done`;
  return new SealwireError("RATE_LIMITED", message);
}
