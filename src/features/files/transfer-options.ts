import type { Progress } from "./progress.ts";

/** What may be said of one transfer. */
export interface TransferOptions {
  /** Is told of each chunk, and at the beginning of what an earlier try has left. */
  readonly onProgress?: (progress: Progress) => void;
  /** Ends it. */
  readonly signal?: AbortSignal;
  /**
   * Whether it goes on from where an earlier try was cut off, and after a break of the connection;
   * servers of netconduit cannot. @default true
   */
  readonly resume?: boolean;
}
