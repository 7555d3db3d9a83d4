/** Time, so that tests can hold it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /**
   * Runs once after so many milliseconds; the returned function takes it back. Keeps a process
   * alive only with `keepsAlive`: where nothing else is open and the wait is what one wants.
   */
  after(ms: number, run: () => void, keepsAlive?: boolean): () => void;
}
