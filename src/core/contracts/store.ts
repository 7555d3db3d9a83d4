/** Keeps small values under keys. Values are bytes: codec and encryption are the caller's. */
export interface Store {
  /** What it is and where, for people and logs: `lmdb in /var/lib/app`. */
  readonly description: string;
  /** @throws `UNAVAILABLE` while the store cannot be read */
  get(key: string): Promise<Entry | undefined>;
  /**
   * Writes if the key still has version `expected` (0: must not exist) and returns the new one.
   * Resolves when the write cannot be lost any more, in the measure of this store.
   *
   * @throws `CONFLICT` when the version is another, `UNAVAILABLE` while nothing can be written
   */
  put(key: string, value: Uint8Array, expected?: number): Promise<number>;
  /** What is not there is deleted already. @throws as `put` */
  delete(key: string, expected?: number): Promise<void>;
  /** Everything below a prefix as it is now, by key. */
  list(prefix: string): AsyncIterable<readonly [key: string, entry: Entry]>;
  /**
   * What is there now, then every change, in order, without gap or repeat. Who falls too far
   * behind is told so with `RATE_LIMITED`, and begins anew.
   */
  watch(prefix: string, options: StoreWatchOptions): AsyncIterable<Change>;
  /**
   * All of these writes or none, in their order; resolves as `put`, with the new version of each
   * (0 where it deleted). `expected` speaks of what was before all of them. Absent where the store
   * cannot, as in a cluster.
   *
   * @throws as `put`
   */
  transact?(writes: readonly Write[]): Promise<readonly number[]>;
  /** Waits for the writes that have begun. */
  close(): Promise<void>;
}

/** What is kept under one key. */
export interface Entry {
  readonly value: Uint8Array;
  /** Grows with each change of the key, and never comes back: not after a deletion either. */
  readonly version: number;
}

/** One key has changed; without an entry it has been deleted. */
export interface Change {
  readonly key: string;
  readonly entry?: Entry;
  readonly version: number;
}

/** One write of several; without a value it deletes. */
export interface Write {
  readonly key: string;
  readonly value?: Uint8Array;
  /** Only if the key still has this version; 0: must not exist. */
  readonly expected?: number;
}

/** How a prefix is watched. */
export interface StoreWatchOptions {
  readonly signal: AbortSignal;
  /** Is told once, after what was there at the beginning has been taken. */
  readonly onCaughtUp?: () => void;
}
