import { join } from "node:path";
import type { Command } from "commander";
import { decodeHex } from "../../bytes/text.ts";
import type { StoredFile } from "../../core/contracts/file-store.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { type FileClient, folderStore } from "../../features/files/index.ts";
import { type ConnectingOptions, withConnectingOptions } from "../connecting-options.ts";
import { formatValue } from "../json-values.ts";
import { foreign } from "../printable.ts";
import type { Run } from "../program.ts";
import type { Shell } from "../shell.ts";
import { shown, withFiles } from "../transfer/server-files.ts";

interface GetOptions extends ConnectingOptions {
  readonly out: string;
}

/** `sealwire get`: downloads files. */
export function getCommand(program: Command, run: Run): void {
  withConnectingOptions(program.command("get"))
    .summary("download files from a server")
    .description("Downloads files that a server keeps; each is checked by its SHA-256.")
    .argument("<url>", "where the server listens, such as tcp://127.0.0.1:7000")
    .argument("<name...>", "names of files, as `sealwire ls` prints them")
    .option("--out <folder>", "where the files go", ".")
    .addHelpText("after", HELP)
    .action((url: string, names: string[], options: GetOptions) =>
      withFiles(run, url, options, async (files, shell) => {
        const kept = new Map((await files.list()).map((file) => [file.name, file]));
        for (const name of names) await get({ files, shell, options }, foundIn(kept, name));
      }),
    );
}

const HELP = `
Prints where each file is. A file that is there already keeps its name; the new one gets another.
A file appears whole or not at all.
Exit codes: 0 all are here, 1 refused or not there, 2 wrong usage, 3 no connection or not the right
server, 130 ended by Ctrl-C.

Example:
  sealwire get tcp://127.0.0.1:7000 report.pdf --out downloads
`;

interface Getting {
  readonly files: FileClient;
  readonly shell: Shell;
  readonly options: GetOptions;
}

async function get({ files, shell, options }: Getting, { name, size }: StoredFile): Promise<void> {
  const { out: folder, json } = options;
  const store = folderStore({ folder, maxFileBytes: Number.POSITIVE_INFINITY });
  const draft = await store.create(name, size);
  try {
    const { checksum } = await shown(shell, { name, size, json }, (at) =>
      files.downloadTo(name, (chunk, offset) => draft.write(offset, chunk), {
        signal: shell.stop,
        onProgress: ({ bytes }) => at(bytes),
      }),
    );
    const kept = await draft.commit(decodeHex(checksum) ?? new Uint8Array(0));
    const path = join(folder, kept.name);
    await shell.out(json ? formatValue({ name, size, sha256: checksum, path }) : foreign(path));
  } catch (thrown) {
    await draft.discard();
    throw thrown;
  }
}

function foundIn(kept: ReadonlyMap<string, StoredFile>, name: string): StoredFile {
  const found = kept.get(name);
  if (found) return found;
  throw new SealwireError("NOT_FOUND", `the server has no file ${name}; see \`sealwire ls\``);
}
