import { decodeHex, encodeHex } from "../../bytes/text.ts";
import type { ClientHost } from "../../core/contracts/feature.ts";
import type { FileDraft, FileStore } from "../../core/contracts/file-store.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { runningSha256 } from "../../crypto/running-sha256.ts";
import {
  changedWhileDownloaded,
  type DownloadRequest,
  type FetchedFile,
  fetchFile,
  type Sink,
} from "./client-fetch.ts";
import { unexpected } from "./file-errors.ts";
import type { SentFile } from "./options.ts";

/** Takes the next bytes of a content. */
export type WriteChunk = (chunk: Uint8Array, offset: number) => void | Promise<void>;

/** A file that has come into a store. */
export interface DownloadedFile extends SentFile {
  /** Another name than the server's if that was taken. */
  readonly storedAs: string;
}

/** Gathers a whole content in memory. */
export async function download(host: ClientHost, request: DownloadRequest): Promise<Uint8Array> {
  const { name, config } = request;
  let content = new Uint8Array(0);
  const sized = (size: number) => {
    if (size <= config.maxFileBytes) content = new Uint8Array(size);
    else throw tooLarge(name, size, config.maxFileBytes);
  };
  await downloadTo(host, (chunk, offset) => content.set(chunk, offset), request, sized);
  return content;
}

/** Hands on a content as it comes, in order, and checks it. */
export async function downloadTo(
  host: ClientHost,
  write: WriteChunk,
  request: DownloadRequest,
  sized: (size: number) => void = () => {},
): Promise<SentFile> {
  const hash = runningSha256();
  const { size, checksum } = await fetchFile(host, request, {
    begin(file) {
      sized(file.size);
      return 0;
    },
    async take(chunk, offset) {
      await write(chunk, offset);
      hash.update(chunk);
    },
  });
  const got = encodeHex(hash.digest());
  // The servers of netconduit tell no checksum: there is nothing to compare.
  if (checksum !== undefined && checksum !== got) {
    throw changedWhileDownloaded({ expected: checksum, got });
  }
  return { name: request.name, size, checksum: got };
}

/** Brings a content into a store, from where an earlier try was cut off. */
export async function downloadInto(
  host: ClientHost,
  store: FileStore,
  request: DownloadRequest,
): Promise<DownloadedFile> {
  const sink = new StoreSink(store, request);
  try {
    const { checksum } = await fetchFile(host, request, sink);
    return await sink.commit(checksum);
  } catch (thrown) {
    await sink.end(thrown);
    throw thrown;
  }
}

/** So much more has come before the draft is told: a crash loses no more of it. */
const NOTED_BYTES = 1_048_576;

class StoreSink implements Sink {
  readonly #store: FileStore;
  readonly #request: DownloadRequest;
  readonly #hash = runningSha256();
  #draft: FileDraft | undefined;
  #bytes = 0;
  #notedBytes = 0;

  constructor(store: FileStore, request: DownloadRequest) {
    this.#store = store;
    this.#request = request;
  }

  async begin({ size, checksum }: FetchedFile): Promise<number> {
    const { name, resume } = this.#request;
    const sha256 = resume === false ? undefined : decodeHex(checksum ?? "");
    const draft = await this.#store.create(name, size, sha256?.length ? { sha256 } : {});
    this.#draft = draft;
    this.#bytes = draft.keptBytes ?? 0;
    this.#notedBytes = this.#bytes;
    return this.#bytes;
  }

  async take(chunk: Uint8Array, offset: number): Promise<void> {
    await this.#draft?.write(offset, chunk);
    this.#hash.update(chunk);
    this.#bytes = offset + chunk.length;
    if (this.#bytes - this.#notedBytes < NOTED_BYTES) return;
    this.#notedBytes = this.#bytes;
    await this.#draft?.reached?.(this.#bytes);
  }

  async commit(told: string | undefined): Promise<DownloadedFile> {
    const checksum = told ?? encodeHex(this.#hash.digest());
    const stored = await this.#draft?.commit(decodeHex(checksum) ?? new Uint8Array(0));
    if (!stored) throw unexpected();
    const { name } = this.#request;
    return { name, size: stored.size, checksum, storedAs: stored.name };
  }

  /** A try that was cut off leaves what it has; what cannot be gone on with leaves nothing. */
  async end(thrown: unknown): Promise<void> {
    const { code } = SealwireError.from(thrown);
    const useless = code === "CONFLICT" || code === "TOO_LARGE" || this.#bytes === 0;
    if (useless || !this.#draft?.leave) return this.#draft?.discard();
    await this.#draft.reached?.(this.#bytes);
    await this.#draft.leave();
  }
}

function tooLarge(name: string, size: number, most: number): SealwireError {
  const message = `${name} has ${size} bytes, at most ${most} are held in memory; use downloadTo`;
  return new SealwireError("TOO_LARGE", message);
}
