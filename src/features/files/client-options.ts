import type { Clock } from "../../core/contracts/clock.ts";
import type { FileStore, StoredFile } from "../../core/contracts/file-store.ts";
import { checkPositive, checkWhole, withDefaults } from "../../core/engine/check-options.ts";
import { memoryStore } from "./memory-store.ts";
import { FILES_DEFAULTS, MACHINE_CLOCK } from "./options.ts";
import type { Progress } from "./progress.ts";
import type { TransferLimits } from "./transfers.ts";

/** What a client says of files. */
export interface FileClientOptions extends Partial<TransferLimits> {
  /** Where files go that the server sends. @default a store in memory */
  readonly store?: FileStore;
  /** A larger file is neither taken nor held in memory. @default 1_073_741_824 */
  readonly maxFileBytes?: number;
  /** Files of the server that may be on their way at once. @default 16 */
  readonly maxTransfersPerPeer?: number;
  /** The same. @default 1_024 */
  readonly maxTransfers?: number;
  /** Between two chunks of a file of the server; then it is forgotten. @default 60_000 */
  readonly transferTimeoutMs?: number;
  /** Is told of each file that the server has sent, whole and checked. Without, none is taken. */
  readonly onFileReceived?: (file: StoredFile) => void | Promise<void>;
  /** Is told of each chunk that the server has sent. */
  readonly onProgress?: (progress: Progress) => void;
  /** Time, for tests. @default the machine's */
  readonly clock?: Clock;
}

/** The same with everything filled in. */
export type FileClientConfig = Required<Omit<FileClientOptions, "onFileReceived" | "onProgress">> &
  Pick<FileClientOptions, "onFileReceived" | "onProgress">;

/** Fills in and checks. @throws `INVALID_ARGUMENT` naming the option, the value and what is allowed */
export function fileClientConfig(options: FileClientOptions): FileClientConfig {
  const { chunkBytes: _chunkBytes, ...defaults } = FILES_DEFAULTS;
  const config: FileClientConfig = withDefaults<FileClientConfig>(
    { ...defaults, clock: MACHINE_CLOCK, store: options.store ?? memoryStore() },
    options,
  );
  checkWhole("maxFileBytes", config.maxFileBytes);
  checkWhole("maxTransfers", config.maxTransfers);
  checkWhole("maxTransfersPerPeer", config.maxTransfersPerPeer);
  checkPositive({ transferTimeoutMs: config.transferTimeoutMs });
  return config;
}
