/** Keeps large contents under safe names. What is being written is seen by nobody until committed. */
export interface FileStore {
  /**
   * Begins a file of so many bytes.
   *
   * @throws `INVALID_ARGUMENT` for a name that cannot be used, `TOO_LARGE` beyond the store's bounds
   */
  create(name: string, size: number): Promise<FileDraft>;
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

/** A file on its way into the store. Ends with `commit` or `discard`. */
export interface FileDraft {
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
