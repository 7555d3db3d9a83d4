import type { Clock } from "../../core/contracts/clock.ts";
import type { ProcedureOptions } from "../../core/contracts/feature.ts";
import type { FileStore, StoredFile } from "../../core/contracts/file-store.ts";
import { checkPositive, checkWhole, withDefaults } from "../../core/engine/check-options.ts";
import type { Peer } from "../../core/model/peer.ts";
import type { FileContent } from "./file-source.ts";
import { MAX_CHUNKS } from "./incoming-file.ts";
import type { Progress } from "./progress.ts";
import type { TransferLimits } from "./transfers.ts";

/** Who may do something with files. */
export type FileAccess = Pick<ProcedureOptions, "public" | "scopes">;

/** What a server says of its files. */
export interface FilesOptions extends Partial<TransferLimits> {
  /** Where the files are. */
  readonly store: FileStore;
  /** How long the chunks are that are told to clients and sent to them. @default 65_536 */
  readonly chunkBytes?: number;
  /**
   * A larger upload is refused before it begins. Never more than 1_048_576 chunks.
   *
   * @default 1_073_741_824
   */
  readonly maxFileBytes?: number;
  /** Transfers of one peer; more are refused. @default 16 */
  readonly maxTransfersPerPeer?: number;
  /** Transfers of all peers together. @default 1_024 */
  readonly maxTransfers?: number;
  /** Between two steps of one transfer; then it is forgotten. @default 60_000 */
  readonly transferTimeoutMs?: number;
  /** Who may upload; `false` for nobody. @default all who have proven who they are */
  readonly uploads?: FileAccess | false;
  /** Who may list and download; `false` for nobody. @default all who have proven who they are */
  readonly downloads?: FileAccess | false;
  /**
   * Is told of each file that a peer has uploaded, whole and checked. The peer waits for it, and
   * gets what it throws as the error of the upload; the file stays.
   */
  readonly onFileReceived?: (file: StoredFile, peer: Peer) => void | Promise<void>;
  /** Is told of each chunk that a peer has uploaded. */
  readonly onProgress?: (progress: Progress, peer: Peer) => void;
  /** Time, for tests. @default the machine's */
  readonly clock?: Clock;
}

/** How a file is sent to a client. */
export interface SendOptions {
  /** What is sent under the name. @default the store's file of that name */
  readonly content?: FileContent;
  readonly onProgress?: (progress: Progress) => void;
}

/** A file that was sent. */
export interface SentFile {
  readonly name: string;
  readonly size: number;
  /** SHA-256 in hexadecimal. */
  readonly checksum: string;
}

/** The same with everything filled in. */
export type FilesConfig = Required<Omit<FilesOptions, "onFileReceived" | "onProgress">> &
  Pick<FilesOptions, "onFileReceived" | "onProgress">;

/** Defaults of the numbers. */
export const FILES_DEFAULTS: Readonly<
  TransferLimits & { readonly chunkBytes: number; readonly maxFileBytes: number }
> = Object.freeze({
  chunkBytes: 65_536,
  maxFileBytes: 1_073_741_824,
  maxTransfersPerPeer: 16,
  maxTransfers: 1_024,
  transferTimeoutMs: 60_000,
});

/** As base64 a chunk has to fit into a frame. */
const MAX_CHUNK_BYTES = 8_388_608;

/** Fills in and checks. @throws `INVALID_ARGUMENT` naming the option, the value and what is allowed */
export function filesConfig(options: FilesOptions): FilesConfig {
  const defaults = { ...FILES_DEFAULTS, uploads: {}, downloads: {}, clock: MACHINE_CLOCK };
  const config: FilesConfig = withDefaults<FilesConfig>(
    { ...defaults, store: options.store },
    options,
  );
  const { chunkBytes, maxFileBytes, maxTransfers, maxTransfersPerPeer } = config;
  checkWhole("chunkBytes", chunkBytes, 1, MAX_CHUNK_BYTES);
  checkWhole("maxFileBytes", maxFileBytes);
  checkWhole("maxTransfers", maxTransfers);
  checkWhole("maxTransfersPerPeer", maxTransfersPerPeer);
  checkPositive({ transferTimeoutMs: config.transferTimeoutMs });
  return { ...config, maxFileBytes: Math.min(maxFileBytes, chunkBytes * MAX_CHUNKS) };
}

/** The machine's time; its timers keep no process alive. */
export const MACHINE_CLOCK: Clock = Object.freeze({
  now: Date.now,
  after(ms: number, run: () => void) {
    const timer: unknown = setTimeout(run, ms);
    if (isNodeTimer(timer)) timer.unref();
    return () => clearTimeout(timer as Parameters<typeof clearTimeout>[0]);
  },
});

function isNodeTimer(timer: unknown): timer is { unref(): void } {
  return typeof timer === "object" && timer !== null && "unref" in timer;
}
