import { encodeHex } from "../../bytes/text.ts";
import type { ClientHost } from "../../core/contracts/feature.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { runningSha256 } from "../../crypto/running-sha256.ts";
import { chunkFromText } from "./chunk-text.ts";
import type { FileClientConfig } from "./client-options.ts";
import { asking, chunkBytesFrom } from "./client-upload.ts";
import { unexpected } from "./file-errors.ts";
import type { SentFile } from "./options.ts";
import { type Progress, progressOf } from "./progress.ts";

/** What is downloaded, and how. */
export interface DownloadRequest {
  readonly name: string;
  readonly onProgress?: (progress: Progress) => void;
  readonly signal?: AbortSignal;
  readonly config: FileClientConfig;
}

/** Takes the next bytes of a content. */
export type WriteChunk = (chunk: Uint8Array, offset: number) => void | Promise<void>;

/** Calls that are open at once. */
const CALLS_AHEAD = 4;

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
  const { name, config, onProgress } = request;
  const ask = asking(host, request.signal);
  const started = startedFrom(await ask("file_download_start", { filename: name }));
  const { id, size, chunkBytes, checksum } = started;
  sized(size);
  const hash = runningSha256();
  const tell = progressOf(name, size, config.clock.now);
  let offset = 0;
  const asked = async (index: number) =>
    chunkFrom(await ask("file_download_chunk", { transfer_id: id, chunk_index: index }));
  for await (const chunk of inOrder(Math.ceil(size / chunkBytes), asked)) {
    if (chunk.length !== Math.min(chunkBytes, size - offset)) throw unexpected();
    hash.update(chunk);
    await write(chunk, offset);
    offset += chunk.length;
    onProgress?.(tell(offset));
  }
  return { name, size, checksum: checked(encodeHex(hash.digest()), checksum) };
}

/** Asks for a few at once and gives them one after the other. */
async function* inOrder(
  total: number,
  ask: (index: number) => Promise<Uint8Array>,
): AsyncGenerator<Uint8Array, undefined> {
  const ahead: Promise<Uint8Array>[] = [];
  for (let asked = 0, given = 0; given < total; given++) {
    for (; asked < total && ahead.length < CALLS_AHEAD; asked++) {
      const answer = ask(asked);
      // One that fails while an earlier one is waited for is told when its turn comes.
      answer.catch(() => {});
      ahead.push(answer);
    }
    const next = await ahead.shift();
    if (next) yield next;
  }
  return undefined;
}

function startedFrom(answer: Readonly<Record<string, unknown>>): {
  readonly id: string;
  readonly size: number;
  readonly chunkBytes: number;
  readonly checksum: string | undefined;
} {
  const { transfer_id: id, size, chunk_size, checksum } = answer;
  if (typeof id !== "string" || typeof size !== "number") throw unexpected();
  if (!Number.isSafeInteger(size) || size < 0) throw unexpected();
  const told = typeof checksum === "string" ? checksum : undefined;
  return { id, size, chunkBytes: chunkBytesFrom(chunk_size), checksum: told };
}

function chunkFrom({ data_b64 }: Readonly<Record<string, unknown>>): Uint8Array {
  const chunk = typeof data_b64 === "string" ? chunkFromText(data_b64) : undefined;
  if (chunk) return chunk;
  throw unexpected();
}

/** The servers of netconduit tell no checksum: there is nothing to compare. */
function checked(got: string, expected: string | undefined): string {
  if (expected === undefined || expected === got) return got;
  const message = "the file changed while it was downloaded: begin anew";
  throw new SealwireError("CONFLICT", message, { details: { expected, got } });
}

function tooLarge(name: string, size: number, most: number): SealwireError {
  const message = `${name} has ${size} bytes, at most ${most} are held in memory; use downloadTo`;
  return new SealwireError("TOO_LARGE", message);
}
