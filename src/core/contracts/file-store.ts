/** Keeps large contents under safe names. What is being written is seen by nobody until committed. */
export interface FileStore {
  /**
   * Begins a file of so many bytes, or goes on with what an earlier try has left of it.
   *
   * @throws `INVALID_ARGUMENT` for a name that cannot be used, `TOO_LARGE` beyond the store's
   * bounds or those of the owner, `RATE_LIMITED` for too many that are not whole
   */
  create(name: string, size: number, options?: DraftOptions): Promise<FileDraft>;
  /** What is kept under this name; `undefined` for nothing, and for names that cannot be used. */
  find(name: string): Promise<StoredFile | undefined>;
  /** Up to so many bytes from an offset on; fewer at the end. @throws `NOT_FOUND` */
  read(name: string, offset: number, length: number): Promise<Uint8Array>;
  /** The SHA-256 of the whole content. @throws `NOT_FOUND` */
  digest(name: string): Promise<Uint8Array>;
  /** Everything that is kept, by name. */
  list(): AsyncIterable<StoredFile>;
  /** Removes it, if it is there. */
  remove(name: string): Promise<void>;
}

/** What is said of a file before its first byte. */
export interface DraftOptions {
  /** Who pays for the room it takes. @default nobody */
  readonly owner?: string;
  /**
   * The SHA-256 of the whole content. With name, size and owner it tells what an earlier try has
   * left; without it nothing is left for another one.
   */
  readonly sha256?: Uint8Array;
}

/** A file on its way into the store. Ends with `commit`, `discard` or `leave`. */
export interface FileDraft {
  /**
   * So many bytes from the beginning are there already, of an earlier try. Absent where nothing can
   * be left for another one.
   */
  readonly keptBytes?: number;
  /** All bytes before this one are written: what counts if the program ends now. */
  reached?(bytes: number): Promise<void>;
  /** Ends this try, and leaves for another one what it has reached. */
  leave?(): Promise<void>;
  /** In any order. @throws `TOO_LARGE` beyond the size that was announced */
  write(offset: number, chunk: Uint8Array): Promise<void>;
  /**
   * Checks the content and gives it its name at once and whole. A name that is taken becomes
   * `<name>_<unix seconds>.<extension>`. What does not fit is discarded.
   *
   * @throws `CONFLICT` with `details: { expected, got }` when the SHA-256 is another
   */
  commit(sha256: Uint8Array): Promise<StoredFile>;
  /** Forgets it; may be called after the end as well. */
  discard(): Promise<void>;
}

/** A file that is kept. */
export interface StoredFile {
  readonly name: string;
  readonly size: number;
}
