import { decodeHex } from "../../bytes/text.ts";
import type { Host } from "../../core/contracts/feature.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { chunkFromText } from "./chunk-text.ts";
import { IncomingFile } from "./incoming-file.ts";
import type { FileAccess, FilesConfig } from "./options.ts";
import { text, WHOLE } from "./params.ts";
import { type Answer, fileProcedures } from "./procedures.ts";
import { type Progress, progressOf } from "./progress.ts";
import { newTransferId } from "./transfer-id.ts";
import { Transfers } from "./transfers.ts";

/** Takes files of clients: `file_upload_start`, `file_upload_chunk`, `file_upload_complete`. */
export function takeUploads(host: Host, config: FilesConfig, access: FileAccess): void {
  const uploads = new Uploads(config);
  const add = fileProcedures(host, access);
  add("file_upload_start", { filename: NAME, size: WHOLE, checksum: CHECKSUM }, uploads.start);
  add("file_upload_chunk", { transfer_id: ID, chunk_index: WHOLE, data_b64: DATA }, uploads.chunk);
  add("file_upload_complete", { transfer_id: ID }, uploads.complete);
  host.onDisconnect((peer) => uploads.transfers.forgetPeer(peer));
  host.onClose(async () => uploads.transfers.close());
}

const NAME = text(1_024);
const CHECKSUM = text(128);
const ID = text(128);
/** The text of a chunk of 16 MiB. */
const DATA = text(22_369_624);

/** One file on its way to us. */
interface Upload {
  readonly name: string;
  readonly file: IncomingFile;
  readonly checksum: string;
  readonly totalChunks: number;
  readonly beganMs: number;
  readonly progress: (bytes: number) => Progress;
}

class Uploads {
  readonly #config: FilesConfig;
  readonly transfers: Transfers<Upload>;

  constructor(config: FilesConfig) {
    this.#config = config;
    this.transfers = new Transfers(config, config.clock, ({ file }) => {
      // Nobody waits for this; what the store could not remove stays hidden.
      file.discard().catch(() => {});
    });
  }

  readonly start: Answer = async ({ filename, size, checksum }, peer) => {
    const { store, chunkBytes, maxFileBytes, clock } = this.#config;
    const name = String(filename);
    const bytes = Number(size);
    if (bytes > maxFileBytes) throw tooLarge(name, bytes, maxFileBytes);
    const id = newTransferId();
    const totalChunks = Math.ceil(bytes / chunkBytes);
    await this.transfers.open(id, peer, async () => ({
      name,
      file: new IncomingFile(await store.create(name, bytes), bytes),
      checksum: String(checksum),
      totalChunks,
      beganMs: clock.now(),
      progress: progressOf(name, bytes, clock.now),
    }));
    return { transfer_id: id, chunk_size: chunkBytes, total_chunks: totalChunks };
  };

  readonly chunk: Answer = async ({ transfer_id, chunk_index, data_b64 }, peer) => {
    const { file, totalChunks, progress } = this.transfers.get(String(transfer_id), peer);
    const chunk = chunkFromText(String(data_b64));
    if (!chunk) throw new SealwireError("INVALID_ARGUMENT", "Invalid chunk: it is not base64");
    await file.add(Number(chunk_index), chunk);
    this.#config.onProgress?.(progress(file.bytesReceived), peer);
    return {
      received: true,
      chunk_index: Number(chunk_index),
      chunks_received: file.chunksReceived,
      total_chunks: totalChunks,
    };
  };

  readonly complete: Answer = async ({ transfer_id }, peer) => {
    const { name, file, checksum, beganMs } = this.transfers.take(String(transfer_id), peer);
    const stored = await file.finish(decodeHex(checksum) ?? new Uint8Array());
    await this.#config.onFileReceived?.(stored, peer);
    // The Python server tells where the file lies on its disk; that is nobody's business.
    return {
      success: true,
      filename: name,
      size: stored.size,
      path: stored.name,
      elapsed: (this.#config.clock.now() - beganMs) / 1000,
    };
  };
}

function tooLarge(name: string, bytes: number, most: number): SealwireError {
  return new SealwireError("TOO_LARGE", `${name} has ${bytes} bytes, at most ${most} are taken`);
}
