import type { ClientFeature } from "../../core/contracts/feature.ts";
import type { FileStore, StoredFile } from "../../core/contracts/file-store.ts";
import { NO_ARGUMENTS } from "../../core/model/message.ts";
import {
  type DownloadedFile,
  download,
  downloadInto,
  downloadTo,
  type WriteChunk,
} from "./client-download.ts";
import { takeIncoming } from "./client-incoming.ts";
import { type FileClientOptions, fileClientConfig } from "./client-options.ts";
import { type UploadedFile, upload } from "./client-upload.ts";
import { answerOf, unexpected } from "./file-errors.ts";
import type { FileContent } from "./file-source.ts";
import type { SentFile } from "./options.ts";
import type { TransferOptions } from "./transfer-options.ts";

/** The files of a server, seen from a client. All methods throw what the server answers. */
export interface FileClient {
  /** Where files go that the server sends. */
  readonly store: FileStore;
  /**
   * Goes on by itself after a break, and from where an earlier upload of the same content under the
   * same name was cut off. Only who has proven who they are finds it again.
   *
   * @throws `CONFLICT` when the server got something else than was sent, or when the content
   * changed while it was read
   */
  upload(name: string, content: FileContent, options?: TransferOptions): Promise<UploadedFile>;
  /** The whole content. @throws `NOT_FOUND`; `TOO_LARGE` beyond `maxFileBytes`; `CONFLICT` */
  download(name: string, options?: TransferOptions): Promise<Uint8Array>;
  /**
   * The content piece by piece, in order, without holding it in memory. It is checked at the end:
   * when this throws, what was written is worth nothing.
   *
   * @throws `NOT_FOUND`, `CONFLICT`
   */
  downloadTo(name: string, write: WriteChunk, options?: TransferOptions): Promise<SentFile>;
  /**
   * The content into a store, such as `folderStore`. What a try that was cut off has left there is
   * gone on with, also by another program later.
   *
   * @throws `NOT_FOUND`, `CONFLICT`, and what the store throws
   */
  downloadInto(store: FileStore, name: string, options?: TransferOptions): Promise<DownloadedFile>;
  list(): Promise<readonly StoredFile[]>;
}

/**
 * Upload, download and listing from a server that installs `files`, or from one of netconduit.
 *
 * @throws `INVALID_ARGUMENT` for an option that makes no sense
 */
export function fileClient(options: FileClientOptions = {}): ClientFeature<FileClient> {
  const config = fileClientConfig(options);
  return (host) => {
    if (config.onFileReceived) takeIncoming(host, config);
    return {
      store: config.store,
      upload: (name, content, own = {}) => upload(host, { name, content, ...own, config }),
      download: (name, own = {}) => download(host, { name, ...own, config }),
      downloadTo: (name, write, own = {}) => downloadTo(host, write, { name, ...own, config }),
      downloadInto: (store, name, own = {}) => downloadInto(host, store, { name, ...own, config }),
      list: async () => filesFrom(answerOf(await host.call("file_list", NO_ARGUMENTS))),
    };
  };
}

function filesFrom({ files }: Readonly<Record<string, unknown>>): readonly StoredFile[] {
  if (!Array.isArray(files)) throw unexpected();
  return files.map((each: unknown) => {
    const { name, size } = answerOf(each);
    if (typeof name !== "string" || typeof size !== "number") throw unexpected();
    return { name, size };
  });
}
