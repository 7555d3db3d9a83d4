import { decodeHex } from "../../bytes/text.ts";
import type { ClientHost } from "../../core/contracts/feature.ts";
import { fieldsOf } from "../../core/engine/fields.ts";
import type { Peer } from "../../core/model/peer.ts";
import { chunkFromText } from "./chunk-text.ts";
import type { FileClientConfig } from "./client-options.ts";
import { fitsAsFileName } from "./file-names.ts";
import { IncomingFile } from "./incoming-file.ts";
import { type Progress, progressOf } from "./progress.ts";
import { Transfers } from "./transfers.ts";

/**
 * Takes the files that the server sends. What does not fit is not acknowledged, or dropped; what
 * fails is in the log.
 */
export function takeIncoming(host: ClientHost, config: FileClientConfig): void {
  const incoming = new IncomingFiles(host, config);
  host.onEvent("file_incoming", (data, peer) => incoming.begin(data, peer));
  host.onEvent("file_chunk", (data, peer) => incoming.chunk(data, peer));
  host.onEvent("file_complete", (data, peer) => incoming.complete(data, peer));
  host.onState((state) => {
    if (state !== "open") incoming.transfers.close();
  });
  host.onClose(async () => incoming.transfers.close());
}

interface Incoming {
  readonly file: Promise<IncomingFile>;
  readonly checksum: string;
  readonly progress: (bytes: number) => Progress;
}

class IncomingFiles {
  readonly #host: ClientHost;
  readonly #config: FileClientConfig;
  readonly transfers: Transfers<Incoming>;

  constructor(host: ClientHost, config: FileClientConfig) {
    this.#host = host;
    this.#config = config;
    this.transfers = new Transfers(config, config.clock, ({ file }) => {
      // Nobody waits for this; what the store could not remove stays hidden.
      file.then((each) => each.discard()).catch(() => {});
    });
  }

  async begin(data: unknown, peer: Peer): Promise<void> {
    const { transfer_id, filename, size, checksum } = fieldsOf(data);
    const { store, maxFileBytes, clock } = this.#config;
    if (typeof transfer_id !== "string" || typeof filename !== "string") return;
    if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 0) return;
    if (size > maxFileBytes || !fitsAsFileName(filename)) return;
    // Known before its file is open: a Python server sends the chunks without waiting for us.
    const { file } = await this.transfers.open(transfer_id, peer, async () => ({
      file: this.#draft(store.create(filename, size), size),
      checksum: typeof checksum === "string" ? checksum : "",
      progress: progressOf({ name: filename, totalBytes: size, resumedBytes: 0 }, clock.now),
    }));
    try {
      await file;
    } catch (thrown) {
      this.transfers.end(transfer_id);
      throw thrown;
    }
    await this.#host.emit("file_incoming_ack", { transfer_id, ready: true });
  }

  async chunk(data: unknown, peer: Peer): Promise<void> {
    const { transfer_id, chunk_index, data_b64 } = fieldsOf(data);
    const chunk = typeof data_b64 === "string" ? chunkFromText(data_b64) : undefined;
    if (typeof transfer_id !== "string" || typeof chunk_index !== "number" || !chunk) return;
    const { file: opening, progress } = this.transfers.get(transfer_id, peer);
    const file = await opening;
    await file.add(chunk_index, chunk);
    this.#config.onProgress?.(progress(file.bytesReceived));
  }

  async complete(data: unknown, peer: Peer): Promise<void> {
    const { transfer_id } = fieldsOf(data);
    if (typeof transfer_id !== "string") return;
    const { file, checksum } = this.transfers.take(transfer_id, peer);
    const stored = await (await file).finish(decodeHex(checksum) ?? new Uint8Array());
    await this.#config.onFileReceived?.(stored);
  }

  async #draft(draft: ReturnType<FileClientConfig["store"]["create"]>, size: number) {
    return new IncomingFile(await draft, size);
  }
}
