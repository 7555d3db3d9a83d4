import { encodeHex } from "../../bytes/text.ts";
import type { Host } from "../../core/contracts/feature.ts";
import type { StandardSchema } from "../../core/contracts/schema.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { ChunkSet } from "./chunk-set.ts";
import { chunkText } from "./chunk-text.ts";
import { changedWhileRead, fileNotFound } from "./file-errors.ts";
import { MAX_CHUNKS } from "./incoming-file.ts";
import type { FileAccess, FilesConfig } from "./options.ts";
import { optional, text, WHOLE } from "./params.ts";
import { type Answer, fileProcedures } from "./procedures.ts";
import { newTransferId } from "./transfer-id.ts";
import { Transfers } from "./transfers.ts";

/** Gives files to clients: `file_download_start`, `file_download_chunk`, `file_list`. */
export function giveDownloads(host: Host, config: FilesConfig, access: FileAccess): void {
  const downloads = new Downloads(config);
  const add = fileProcedures(host, access);
  add("file_download_start", { filename: text(1_024) }, downloads.start);
  add("file_download_chunk", CHUNK, downloads.chunk);
  add("file_list", {}, downloads.list);
  host.onDisconnect((peer) => downloads.transfers.forgetPeer(peer));
  host.onClose(async () => downloads.transfers.close());
}

/** Who goes on with what is there already says where: the chunks before will not be asked for. */
const CHUNK: Readonly<Record<string, StandardSchema>> = {
  transfer_id: text(128),
  chunk_index: WHOLE,
  from_chunk: optional(WHOLE),
};

interface Download {
  readonly name: string;
  readonly size: number;
  /** Which chunks have left. */
  readonly chunks: ChunkSet;
}

/** A longer list would be no answer for a wire. */
const MAX_LISTED = 10_000;

class Downloads {
  readonly #config: FilesConfig;
  readonly transfers: Transfers<Download>;

  constructor(config: FilesConfig) {
    this.#config = config;
    this.transfers = new Transfers(config, config.clock, () => {});
  }

  readonly start: Answer = async ({ filename }, { peer }) => {
    const { store, chunkBytes } = this.#config;
    const found = await store.find(String(filename));
    if (!found) throw fileNotFound();
    const total = Math.ceil(found.size / chunkBytes);
    if (total > MAX_CHUNKS) throw new SealwireError("TOO_LARGE", "File too large for its chunks");
    const checksum = encodeHex(await store.digest(found.name));
    // What grows meanwhile has a digest of more than was found.
    if ((await store.find(found.name))?.size !== found.size) throw changedWhileRead();
    const id = newTransferId();
    // A file without chunks is over before it begins.
    if (total > 0) {
      const download = { ...found, chunks: new ChunkSet(total) };
      await this.transfers.open(id, peer, async () => download);
    }
    // The Python server tells no checksum; its clients do not mind one.
    return {
      transfer_id: id,
      size: found.size,
      total_chunks: total,
      chunk_size: chunkBytes,
      checksum,
    };
  };

  readonly chunk: Answer = async ({ transfer_id, chunk_index, from_chunk }, { peer }) => {
    const { store, chunkBytes } = this.#config;
    const { name, size, chunks } = this.transfers.get(String(transfer_id), peer);
    const index = Number(chunk_index);
    if (index >= chunks.total) throw noSuchChunk(index, chunks.total);
    const due = Math.min(chunkBytes, size - index * chunkBytes);
    const chunk = await store.read(name, index * chunkBytes, due);
    if (chunk.length !== due) throw changedWhileRead();
    chunks.add(index);
    if (from_chunk !== undefined) chunks.addBefore(Number(from_chunk));
    // The clients of netconduit never say that they are done.
    if (chunks.whole) this.transfers.end(String(transfer_id));
    return { chunk_index: index, data_b64: chunkText(chunk), size: chunk.length };
  };

  readonly list: Answer = async () => {
    const files: { readonly name: string; readonly size: number }[] = [];
    for await (const { name, size } of this.#config.store.list()) {
      files.push({ name, size });
      if (files.length === MAX_LISTED) break;
    }
    return { files };
  };
}

function noSuchChunk(index: number, total: number): SealwireError {
  const message = `Invalid chunk: there is no number ${index}, there are ${total}`;
  return new SealwireError("INVALID_ARGUMENT", message);
}
