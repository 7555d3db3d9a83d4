import { encodeHex } from "../../bytes/text.ts";
import type { ClientHost } from "../../core/contracts/feature.ts";
import { chunkText } from "./chunk-text.ts";
import type { FileClientConfig } from "./client-options.ts";
import { answerOf, unexpected } from "./file-errors.ts";
import { type FileContent, type FileSource, sourceOf } from "./file-source.ts";
import type { SentFile } from "./options.ts";
import { progressOf } from "./progress.ts";
import type { TransferOptions } from "./transfer-options.ts";
import { Tries } from "./tries.ts";

/** What is uploaded, and how. */
export interface UploadRequest extends TransferOptions {
  readonly name: string;
  readonly content: FileContent;
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

/** Announces, sends chunk after chunk, and asks for the check; again after each break. */
export async function upload(host: ClientHost, request: UploadRequest): Promise<UploadedFile> {
  const source = sourceOf(request.content);
  const checksum = encodeHex(await source.digest());
  const sending = { request, source, checksum, ask: asking(host, request.signal) };
  const tries = new Tries();
  for (let before: Started | undefined; ; ) {
    try {
      const started = await begin(sending, before);
      before = started;
      await sendChunks(sending, started, tries);
      const { path } = await sending.ask("file_upload_complete", { transfer_id: started.id });
      const { name } = request;
      const storedAs = typeof path === "string" ? path : name;
      return { name, size: source.size, checksum, storedAs };
    } catch (thrown) {
      if (!before?.resumable) throw thrown;
      tries.again(thrown);
    }
  }
}

interface Sending {
  readonly request: UploadRequest;
  readonly source: FileSource;
  readonly checksum: string;
  readonly ask: Asking;
}

interface Started {
  readonly id: string;
  readonly chunkBytes: number;
  /** Chunks that need not be sent. */
  readonly received: number;
  /** Whether the server keeps what it has for another try. */
  readonly resumable: boolean;
}

/** Names the transfer that broke, so that the server does not wait for its end. */
async function begin(
  { request, source, checksum, ask }: Sending,
  before: Started | undefined,
): Promise<Started> {
  const announced = { filename: request.name, size: source.size, checksum };
  const again = before ? { resume: before.id } : {};
  const answer = await ask("file_upload_start", { ...announced, ...again });
  const { transfer_id: id, chunk_size, received_chunks } = answer;
  if (typeof id !== "string") throw unexpected();
  // Servers of netconduit tell nothing of this: they keep nothing of what broke.
  const resumable = request.resume !== false && received_chunks !== undefined;
  const received = resumable ? wholeFrom(received_chunks) : 0;
  return { id, chunkBytes: chunkBytesFrom(chunk_size), received, resumable };
}

async function sendChunks(
  { request, source, ask }: Sending,
  { id, chunkBytes, received }: Started,
  tries: Tries,
): Promise<void> {
  const { name, config, onProgress } = request;
  const upTo = (chunks: number) => Math.min(source.size, chunks * chunkBytes);
  const file = { name, totalBytes: source.size, resumedBytes: upTo(received) };
  const tell = progressOf(file, config.clock.now);
  if (received > 0) onProgress?.(tell(file.resumedBytes));
  const calls = new CallsAhead();
  for (let index = received; index * chunkBytes < source.size; index++) {
    const data_b64 = chunkText(await source.read(index * chunkBytes, chunkBytes));
    const sent = ask("file_upload_chunk", { transfer_id: id, chunk_index: index, data_b64 });
    const passed = sent.then(() => {
      tries.progressed();
      onProgress?.(tell(upTo(index + 1)));
    });
    // Called in order: the Python server appends chunks as they come, whatever their number.
    await calls.add(passed);
  }
  await calls.done();
}

/** Asks the server something about files. */
export type Asking = (
  procedure: string,
  named: object,
) => Promise<Readonly<Record<string, unknown>>>;

/** Makes what asks. */
export function asking(host: ClientHost, signal: AbortSignal | undefined): Asking {
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

/** A whole number from 0 on. */
export function wholeFrom(value: unknown): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw unexpected();
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
