import type { Client } from "../../client/client.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { checkedFileName } from "../../features/files/file-names.ts";
import type { FileDescription } from "./offered-file.ts";
import { PartFile } from "./part-file.ts";
import type { ProgressLine, Shown } from "./progress-line.ts";

/** What receiving needs. */
export interface ReceivingParts {
  readonly client: Client;
  readonly folder: string;
  readonly progress: (shown: Shown) => ProgressLine;
  readonly received: (path: string) => Promise<void>;
  readonly signal: AbortSignal;
}

const MAX_FILES = 10_000;

/** Takes all files of the sender, each from where an earlier try has ended. */
export async function receiveFiles(parts: ReceivingParts): Promise<void> {
  const { client, signal } = parts;
  const options = { signal, idempotent: true };
  const files = filesFrom(await client.call("transfer.files", [], options));
  for (const [index, file] of files.entries()) {
    await parts.received(await receiveOne(parts, index, file));
  }
  await client.call("transfer.done", [], options);
}

async function receiveOne(
  parts: ReceivingParts,
  index: number,
  file: FileDescription,
): Promise<string> {
  const part = await PartFile.open(parts.folder, file);
  const shown = { name: file.name, totalBytes: file.size, fromBytes: part.bytes };
  const line = parts.progress(shown);
  try {
    for (let last = -1; part.bytes < file.size; ) {
      try {
        await fill(parts, index, part, line);
        if (part.bytes === last) throw cutShort(file);
        last = part.bytes;
      } catch (thrown) {
        if (!isBreak(thrown) || parts.signal.aborted) throw thrown;
        line.pause("the path was lost, waiting for it");
      }
    }
  } catch (thrown) {
    await part.close().catch(() => {});
    throw thrown;
  } finally {
    line.end();
  }
  return part.commit();
}

/** Streams from where we are. After a break the client comes back and the next call waits. */
async function fill(
  { client, signal }: ReceivingParts,
  index: number,
  part: PartFile,
  line: ProgressLine,
): Promise<void> {
  const options = { signal, timeoutMs: Number.POSITIVE_INFINITY };
  for await (const piece of client.stream("transfer.content", [index, part.bytes], options)) {
    if (!(piece instanceof Uint8Array)) throw strange();
    await part.add(piece);
    line.at(part.bytes);
  }
}

function isBreak(thrown: unknown): boolean {
  const { code } = SealwireError.from(thrown, "INTERNAL");
  return code === "UNAVAILABLE";
}

function filesFrom(value: unknown): readonly FileDescription[] {
  if (!Array.isArray(value) || value.length > MAX_FILES) throw strange();
  return value.map((each: unknown) => {
    if (typeof each !== "object" || each === null) throw strange();
    const { name, size, sha256 } = each as Readonly<Record<string, unknown>>;
    if (typeof name !== "string" || typeof size !== "number" || typeof sha256 !== "string") {
      throw strange();
    }
    if (!Number.isSafeInteger(size) || size < 0 || !/^[0-9a-f]{64}$/.test(sha256)) throw strange();
    return { name: checkedFileName(name), size, sha256 };
  });
}

function strange(): SealwireError {
  const message = "the sender says something that nobody understands; is it another version?";
  return new SealwireError("PROTOCOL_VIOLATION", message);
}

function cutShort({ name }: FileDescription): SealwireError {
  const message = `${name} has become shorter at the sender; ask for it to be sent anew`;
  return new SealwireError("CONFLICT", message);
}
