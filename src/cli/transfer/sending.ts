import { SealwireError } from "../../core/model/errors.ts";
import type { NodeServer } from "../../presets/node.ts";
import { contentOf, type OfferedFile } from "./offered-file.ts";
import type { ProgressLine, Shown } from "./progress-line.ts";

/** One piece of a stream: large enough to be quick, small enough to show progress. */
const PIECE_BYTES = 131_072;

/** What a sender is made of. */
export interface SenderParts {
  readonly files: readonly OfferedFile[];
  readonly progress: (shown: Shown) => ProgressLine;
  /** The receiver has everything. */
  readonly done: () => void;
}

/**
 * Procedures for whoever holds the code. Who comes back after a break is not told from who comes
 * first: all that counts is the code, which is used up when one receiver has everything.
 */
export function serveFiles(server: NodeServer, { files, progress, done }: SenderParts): void {
  server.procedure("transfer.files", {}, () =>
    files.map(({ name, size, sha256 }) => ({ name, size, sha256 })),
  );
  server.procedure("transfer.content", {}, ({ args }) => {
    const [index, offset] = args.positional;
    const file = typeof index === "number" ? files[index] : undefined;
    if (!file || typeof offset !== "number" || !(offset >= 0 && offset <= file.size)) {
      throw new SealwireError("INVALID_ARGUMENT", "there is no such file or place in it");
    }
    return told(file, offset, progress({ ...file, totalBytes: file.size, fromBytes: offset }));
  });
  server.procedure("transfer.done", {}, () => done());
}

async function* told(file: OfferedFile, offset: number, line: ProgressLine) {
  let sent = offset;
  for await (const piece of contentOf(file, offset, PIECE_BYTES)) {
    yield piece;
    sent += piece.length;
    line.at(sent);
  }
  line.end();
}
