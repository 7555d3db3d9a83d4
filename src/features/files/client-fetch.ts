import type { ClientHost } from "../../core/contracts/feature.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { chunkFromText } from "./chunk-text.ts";
import type { FileClientConfig } from "./client-options.ts";
import { type Asking, asking, chunkBytesFrom, wholeFrom } from "./client-upload.ts";
import { unexpected } from "./file-errors.ts";
import { progressOf } from "./progress.ts";
import type { TransferOptions } from "./transfer-options.ts";
import { Tries } from "./tries.ts";

/** What is downloaded, and how. */
export interface DownloadRequest extends TransferOptions {
  readonly name: string;
  readonly config: FileClientConfig;
}

/** What a server has begun to send. */
export interface FetchedFile {
  readonly size: number;
  /** SHA-256 in hexadecimal; servers of netconduit tell none. */
  readonly checksum: string | undefined;
}

/** Where a content goes. */
export interface Sink {
  /** Is told once what comes, and says from which byte on it is wanted. */
  begin(file: FetchedFile): number | Promise<number>;
  /** The next bytes, in order. */
  take(chunk: Uint8Array, offset: number): void | Promise<void>;
}

/** Calls that are open at once. */
const CALLS_AHEAD = 4;

/** Brings a content to its sink, in order; after a break from where it was. */
export async function fetchFile(
  host: ClientHost,
  request: DownloadRequest,
  sink: Sink,
): Promise<FetchedFile> {
  const ask = asking(host, request.signal);
  const tries = new Tries();
  for (let fetching: Fetching | undefined; ; ) {
    try {
      const started = startedFrom(await ask("file_download_start", { filename: request.name }));
      fetching ??= await fetchingOf(request, started, sink);
      checkSame(fetching, started);
      await takeChunks(ask, started, fetching, tries);
      return started;
    } catch (thrown) {
      const { checksum } = fetching ?? {};
      // Without it nobody can tell whether the rest is of the same file.
      if (checksum === undefined || request.resume === false) throw thrown;
      tries.again(thrown);
    }
  }
}

interface Fetching extends FetchedFile {
  readonly sink: Sink;
  readonly passed: (offset: number) => void;
  offset: number;
}

interface Started extends FetchedFile {
  readonly id: string;
  readonly chunkBytes: number;
}

async function fetchingOf(
  { name, config, onProgress }: DownloadRequest,
  { size, checksum }: Started,
  sink: Sink,
): Promise<Fetching> {
  const offset = await sink.begin({ size, checksum });
  const tell = progressOf({ name, totalBytes: size, resumedBytes: offset }, config.clock.now);
  const passed = (bytes: number) => onProgress?.(tell(bytes));
  if (offset > 0) passed(offset);
  return { size, checksum, sink, passed, offset };
}

async function takeChunks(
  ask: Asking,
  { id, size, chunkBytes }: Started,
  fetching: Fetching,
  tries: Tries,
): Promise<void> {
  const first = Math.floor(fetching.offset / chunkBytes);
  const skipped = first > 0 ? { from_chunk: first } : {};
  const asked = async (chunk_index: number) =>
    chunkFrom(await ask("file_download_chunk", { transfer_id: id, chunk_index, ...skipped }));
  for await (const [index, chunk] of inOrder(first, Math.ceil(size / chunkBytes), asked)) {
    const at = index * chunkBytes;
    if (chunk.length !== Math.min(chunkBytes, size - at)) throw unexpected();
    const wanted = chunk.subarray(fetching.offset - at);
    await fetching.sink.take(wanted, fetching.offset);
    fetching.offset += wanted.length;
    tries.progressed();
    fetching.passed(fetching.offset);
  }
}

/** Asks for a few at once and gives them one after the other. */
async function* inOrder(
  first: number,
  end: number,
  ask: (index: number) => Promise<Uint8Array>,
): AsyncGenerator<readonly [index: number, chunk: Uint8Array], undefined> {
  const ahead: Promise<Uint8Array>[] = [];
  for (let asked = first, given = first; given < end; given++) {
    for (; asked < end && ahead.length < CALLS_AHEAD; asked++) {
      const answer = ask(asked);
      // One that fails while an earlier one is waited for is told when its turn comes.
      answer.catch(() => {});
      ahead.push(answer);
    }
    const next = await ahead.shift();
    if (next) yield [given, next];
  }
  return undefined;
}

function startedFrom(answer: Readonly<Record<string, unknown>>): Started {
  const { transfer_id: id, size, chunk_size, checksum } = answer;
  if (typeof id !== "string") throw unexpected();
  if (checksum !== undefined && !isDigest(checksum)) throw unexpected();
  return { id, size: wholeFrom(size), chunkBytes: chunkBytesFrom(chunk_size), checksum };
}

function isDigest(value: unknown): value is string {
  return typeof value === "string" && /^[0-9a-f]{64}$/.test(value);
}

function chunkFrom({ data_b64 }: Readonly<Record<string, unknown>>): Uint8Array {
  const chunk = typeof data_b64 === "string" ? chunkFromText(data_b64) : undefined;
  if (chunk) return chunk;
  throw unexpected();
}

function checkSame({ size, checksum }: FetchedFile, again: FetchedFile): void {
  if (again.size !== size || again.checksum !== checksum) {
    throw changedWhileDownloaded({ expected: checksum, got: again.checksum });
  }
}

/** Of what came some is of another file. */
export function changedWhileDownloaded(details: {
  readonly expected: string | undefined;
  readonly got: string | undefined;
}): SealwireError {
  const message = "the file changed while it was downloaded: begin anew";
  return new SealwireError("CONFLICT", message, { details });
}
