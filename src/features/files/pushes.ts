import { encodeHex } from "../../bytes/text.ts";
import type { Host } from "../../core/contracts/feature.ts";
import { SealwireError } from "../../core/model/errors.ts";
import type { Peer } from "../../core/model/peer.ts";
import { chunkText } from "./chunk-text.ts";
import { type FileSource, sourceOf, storedSource } from "./file-source.ts";
import type { FilesConfig, SendOptions, SentFile } from "./options.ts";
import { progressOf } from "./progress.ts";
import { newTransferId } from "./transfer-id.ts";

/**
 * Sends files to clients, by the events `file_incoming`, `file_chunk` and `file_complete`. A peer
 * says by `file_incoming_ack` that it is ready; without that nothing is sent.
 */
export class Pushes {
  readonly #host: Host;
  readonly #config: FilesConfig;
  readonly #ready = new Map<string, { readonly peer: Peer; readonly go: () => void }>();

  constructor(host: Host, config: FilesConfig) {
    this.#host = host;
    this.#config = config;
    host.onEvent("file_incoming_ack", (data, peer) => {
      const waiting = this.#ready.get(idOf(data));
      if (waiting?.peer.id === peer.id) waiting.go();
    });
  }

  /** @throws `NOT_FOUND`, `UNAVAILABLE`, `UNSUPPORTED`, `DEADLINE_EXCEEDED` */
  async send(peer: Peer, name: string, options: SendOptions): Promise<SentFile> {
    const { store, chunkBytes, clock } = this.#config;
    const { content, onProgress } = options;
    const source = content === undefined ? await storedSource(store, name) : sourceOf(content);
    const checksum = encodeHex(await source.digest());
    const transfer_id = newTransferId();
    const total_chunks = Math.ceil(source.size / chunkBytes);
    const incoming = { transfer_id, filename: name, size: source.size, checksum, total_chunks };
    await this.#announce(peer, incoming);
    const progress = progressOf({ name, totalBytes: source.size, resumedBytes: 0 }, clock.now);
    for (let at = 0; at < total_chunks; at++) {
      await this.#emit(peer, "file_chunk", await this.#chunk(source, transfer_id, at));
      onProgress?.(progress(Math.min(source.size, (at + 1) * chunkBytes)));
    }
    await this.#emit(peer, "file_complete", { transfer_id, checksum });
    return { name, size: source.size, checksum };
  }

  async #announce(peer: Peer, incoming: { readonly transfer_id: string }): Promise<void> {
    const { clock, transferTimeoutMs } = this.#config;
    const { transfer_id } = incoming;
    let cancel = () => {};
    try {
      const ready = new Promise<void>((resolve, reject) => {
        this.#ready.set(transfer_id, { peer, go: resolve });
        cancel = clock.after(transferTimeoutMs, () => reject(silent(peer)));
      });
      await Promise.all([ready, this.#emit(peer, "file_incoming", incoming)]);
    } finally {
      cancel();
      this.#ready.delete(transfer_id);
    }
  }

  async #chunk(source: FileSource, transfer_id: string, chunk_index: number): Promise<unknown> {
    const { chunkBytes } = this.#config;
    const chunk = await source.read(chunk_index * chunkBytes, chunkBytes);
    return { transfer_id, chunk_index, data_b64: chunkText(chunk) };
  }

  /** Waits until the peer has taken what was said before. */
  async #emit(peer: Peer, name: string, data: unknown): Promise<void> {
    const { skipped } = await this.#host.emit(name, data, [peer]);
    if (skipped === 0) return;
    throw new SealwireError("UNSUPPORTED", `the wire of ${peer.id} carries no events, so no files`);
  }
}

function idOf(data: unknown): string {
  const named = typeof data === "object" && data !== null && "transfer_id" in data;
  return named && typeof data.transfer_id === "string" ? data.transfer_id : "";
}

function silent(peer: Peer): SealwireError {
  const message = `${peer.id} did not say that it takes files; its client needs fileClient()`;
  return new SealwireError("DEADLINE_EXCEEDED", message);
}
