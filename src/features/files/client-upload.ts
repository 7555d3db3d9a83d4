import { encodeHex } from "../../bytes/text.ts";
import type { ClientHost } from "../../core/contracts/feature.ts";
import { chunkText } from "./chunk-text.ts";
import type { FileClientConfig } from "./client-options.ts";
import { answerOf, unexpected } from "./file-errors.ts";
import { type FileContent, sourceOf } from "./file-source.ts";
import type { SentFile } from "./options.ts";
import { type Progress, progressOf } from "./progress.ts";

/** What is uploaded, and how. */
export interface UploadRequest {
  readonly name: string;
  readonly content: FileContent;
  readonly onProgress?: (progress: Progress) => void;
  readonly signal?: AbortSignal;
  readonly config: FileClientConfig;
}

/** A file that the server has taken. */
export interface UploadedFile extends SentFile {
  /** Another name than wanted if that was taken; for servers of netconduit a path. */
  readonly storedAs: string;
}

/** Calls that are open at once. More would make the server hold more, not be faster. */
const CALLS_AHEAD = 4;
const MAX_CHUNK_BYTES = 16_777_216;

/** Announces, sends chunk after chunk, and asks for the check. */
export async function upload(host: ClientHost, request: UploadRequest): Promise<UploadedFile> {
  const { name, content, config } = request;
  const source = sourceOf(content);
  const checksum = encodeHex(await source.digest());
  const ask = asking(host, request.signal);
  const started = await ask("file_upload_start", { filename: name, size: source.size, checksum });
  const { id, chunkBytes } = startedFrom(started);
  const tell = progressOf(name, source.size, config.clock.now);
  const calls = new CallsAhead();
  const total = Math.ceil(source.size / chunkBytes);
  for (let index = 0; index < total; index++) {
    const chunk = await source.read(index * chunkBytes, chunkBytes);
    const data_b64 = chunkText(chunk);
    const sending = ask("file_upload_chunk", { transfer_id: id, chunk_index: index, data_b64 });
    const sentBytes = Math.min(source.size, (index + 1) * chunkBytes);
    // Called in order: the Python server appends chunks as they come, whatever their number.
    await calls.add(sending.then(() => request.onProgress?.(tell(sentBytes))));
  }
  await calls.done();
  const { path } = await ask("file_upload_complete", { transfer_id: id });
  return { name, size: source.size, checksum, storedAs: typeof path === "string" ? path : name };
}

/** Asks the server something about files. */
export function asking(
  host: ClientHost,
  signal: AbortSignal | undefined,
): (procedure: string, named: object) => Promise<Readonly<Record<string, unknown>>> {
  const options = signal ? { signal } : {};
  return async (procedure, named) =>
    answerOf(await host.call(procedure, { positional: [], named: { ...named } }, options));
}

/** How long the server's chunks are. */
export function chunkBytesFrom(value: unknown): number {
  const fits = typeof value === "number" && Number.isInteger(value) && value > 0;
  if (fits && value <= MAX_CHUNK_BYTES) return value;
  throw unexpected();
}

function startedFrom(answer: Readonly<Record<string, unknown>>): {
  readonly id: string;
  readonly chunkBytes: number;
} {
  const { transfer_id: id, chunk_size } = answer;
  if (typeof id !== "string") throw unexpected();
  return { id, chunkBytes: chunkBytesFrom(chunk_size) };
}

/** A few calls on their way. The first that fails ends them all. */
class CallsAhead {
  readonly #open = new Set<Promise<void>>();
  #failure: { readonly thrown: unknown } | undefined;

  /** Resolves when there is room for the next. */
  async add(call: Promise<void>): Promise<void> {
    const settled = call
      .catch((thrown: unknown) => {
        this.#failure ??= { thrown };
      })
      .finally(() => this.#open.delete(settled));
    this.#open.add(settled);
    if (this.#open.size >= CALLS_AHEAD) await Promise.race(this.#open);
    if (this.#failure) throw this.#failure.thrown;
  }

  async done(): Promise<void> {
    await Promise.all(this.#open);
    if (this.#failure) throw this.#failure.thrown;
  }
}
