export type {
  DraftOptions,
  FileDraft,
  FileStore,
  StoredFile,
} from "../../core/contracts/file-store.ts";
export type { DownloadedFile, WriteChunk } from "./client-download.ts";
export type { FileClientOptions } from "./client-options.ts";
export type { UploadedFile } from "./client-upload.ts";
export { type FileClient, fileClient } from "./file-client.ts";
export type { FileContent } from "./file-source.ts";
export { type Files, files } from "./files.ts";
export { type MemoryStoreOptions, memoryStore } from "./memory-store.ts";
export type { FileAccess, FilesOptions, SendOptions, SentFile } from "./options.ts";
export type { Progress } from "./progress.ts";
export type { StoreBounds } from "./store-bounds.ts";
export type { TransferOptions } from "./transfer-options.ts";
