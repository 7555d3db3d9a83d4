import { decodeHex } from "../../bytes/text.ts";
import type { Host } from "../../core/contracts/feature.ts";
import type { Call } from "../../core/model/call.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { chunkFromText } from "./chunk-text.ts";
import { tooLargeFile } from "./file-errors.ts";
import { FinishedUploads } from "./finished-uploads.ts";
import { IncomingFile } from "./incoming-file.ts";
import type { FileAccess, FilesConfig } from "./options.ts";
import { optional, text, WHOLE } from "./params.ts";
import { type Answer, fileProcedures, type Owner, ownerOf } from "./procedures.ts";
import { type Progress, progressOf } from "./progress.ts";
import { newTransferId } from "./transfer-id.ts";
import { Transfers } from "./transfers.ts";

/** Takes files of clients: `file_upload_start`, `file_upload_chunk`, `file_upload_complete`. */
export function takeUploads(host: Host, config: FilesConfig, access: FileAccess): void {
  const uploads = new Uploads(config);
  const add = fileProcedures(host, access);
  add("file_upload_start", START, uploads.start);
  add("file_upload_chunk", { transfer_id: ID, chunk_index: WHOLE, data_b64: DATA }, uploads.chunk);
  add("file_upload_complete", { transfer_id: ID }, uploads.complete);
  host.onDisconnect((peer) => uploads.transfers.forgetPeer(peer));
  host.onClose(() => uploads.close());
}

const ID = text(128);
/** The text of a chunk of 16 MiB. */
const DATA = text(22_369_624);
const START = {
  filename: text(1_024),
  size: WHOLE,
  checksum: text(128),
  // The transfer of which this is another try, perhaps on a connection that is not known as broken.
  resume: optional(ID),
};

/** What is said of a file before it comes. */
interface Announced {
  readonly name: string;
  readonly size: number;
  readonly checksum: string;
}

/** One file on its way to us. */
interface Upload extends Announced {
  readonly file: IncomingFile;
  readonly owner: string;
  readonly totalChunks: number;
  readonly beganMs: number;
  readonly progress: (bytes: number) => Progress;
}

class Uploads {
  readonly #config: FilesConfig;
  readonly #finished = new FinishedUploads();
  readonly #leaving = new Set<Promise<void>>();
  readonly transfers: Transfers<Upload>;

  constructor(config: FilesConfig) {
    this.#config = config;
    this.transfers = new Transfers(config, config.clock, (upload) => this.#leave(upload));
  }

  async close(): Promise<void> {
    this.transfers.close();
    await this.#left();
  }

  readonly start: Answer = async ({ filename, size, checksum, resume }, call) => {
    const { chunkBytes, maxFileBytes } = this.#config;
    const announced = { name: String(filename), size: Number(size), checksum: String(checksum) };
    if (announced.size > maxFileBytes) {
      throw tooLargeFile(announced.name, announced.size, maxFileBytes);
    }
    const total_chunks = Math.ceil(announced.size / chunkBytes);
    const started = { chunk_size: chunkBytes, total_chunks };
    const owner = ownerOf(call);
    if (owner.proven) {
      const done = typeof resume === "string" && this.#finished.has(resume, owner.id);
      if (done) return { transfer_id: resume, ...started, received_chunks: total_chunks };
      this.#takeOver({ ...announced, owner: owner.id }, resume);
    }
    const transfer_id = newTransferId();
    const { file } = await this.transfers.open(transfer_id, call.peer, () =>
      this.#begun(announced, owner),
    );
    const received = file.resumable ? { received_chunks: file.chunksReceived } : {};
    return { transfer_id, ...started, ...received };
  };

  readonly chunk: Answer = async ({ transfer_id, chunk_index, data_b64 }, { peer }) => {
    const { file, totalChunks, progress } = this.transfers.get(String(transfer_id), peer);
    const chunk = chunkFromText(String(data_b64));
    if (!chunk) throw new SealwireError("INVALID_ARGUMENT", "Invalid chunk: it is not base64");
    try {
      await file.add(Number(chunk_index), chunk);
    } finally {
      if (file.failed) this.transfers.end(String(transfer_id));
    }
    this.#config.onProgress?.(progress(file.bytesReceived), peer);
    return {
      received: true,
      chunk_index: Number(chunk_index),
      chunks_received: file.chunksReceived,
      total_chunks: totalChunks,
    };
  };

  readonly complete: Answer = async ({ transfer_id }, call) => {
    const id = String(transfer_id);
    const owner = ownerOf(call);
    const told = owner.proven ? this.#finished.answer(id, owner.id) : undefined;
    if (told) return told;
    const upload = this.transfers.take(id, call.peer);
    const answer = this.#finish(upload, call);
    if (owner.proven) this.#finished.add(id, owner.id, answer);
    return answer;
  };

  /** The same upload where it stands still: given up, or on a connection that broke unnoticed. */
  #takeOver(wanted: Announced & Pick<Upload, "owner">, resume: unknown): void {
    const other = this.transfers.takeWhere((upload, id, still) => {
      if (upload.owner !== wanted.owner) return false;
      return id === resume || (still && isSame(upload, wanted));
    });
    if (other) this.#leave(other);
  }

  async #begun({ name, size, checksum }: Announced, owner: Owner): Promise<Upload> {
    const { store, chunkBytes, clock } = this.#config;
    // What the same upload has left a moment ago may still be on its way to the disk.
    await this.#left();
    const sha256 = owner.proven ? decodeHex(checksum) : undefined;
    const draft = await store.create(name, size, { owner: owner.id, ...(sha256 && { sha256 }) });
    const file = new IncomingFile(draft, size, chunkBytes);
    return {
      ...{ name, size, checksum, file, owner: owner.id },
      totalChunks: Math.ceil(size / chunkBytes),
      beganMs: clock.now(),
      progress: progressOf({ name, totalBytes: size, resumedBytes: file.bytesReceived }, clock.now),
    };
  }

  async #finish({ name, file, checksum, beganMs }: Upload, { peer }: Call): Promise<unknown> {
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
  }

  #leave({ file }: Upload): void {
    // Nobody can be told; what the store could not write or remove stays hidden and runs out.
    const leaving = file
      .leave()
      .catch(() => {})
      .finally(() => this.#leaving.delete(leaving));
    this.#leaving.add(leaving);
  }

  async #left(): Promise<void> {
    await Promise.all(this.#leaving);
  }
}

function isSame(one: Announced, other: Announced): boolean {
  const { name, size, checksum } = other;
  return one.name === name && one.size === size && one.checksum === checksum;
}
