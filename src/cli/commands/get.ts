import { join } from "node:path";
import type { Command } from "commander";
import { SealwireError } from "../../core/model/errors.ts";
import { withConnectingOptions } from "../connecting-options.ts";
import { formatValue } from "../json-values.ts";
import { foreign } from "../printable.ts";
import type { Run } from "../program.ts";
import {
  type FilesOptions,
  type FilesWork,
  withFiles,
  withTransferOptions,
} from "../transfer/server-files.ts";

interface GetOptions extends FilesOptions {
  readonly out: string;
}

/** `sealwire get`: downloads files. */
export function getCommand(program: Command, run: Run): void {
  withTransferOptions(withConnectingOptions(program.command("get")))
    .summary("download files from a server")
    .description("Downloads files that a server keeps; each is checked by its SHA-256.")
    .argument("<url>", "where the server listens, such as tcp://127.0.0.1:7000")
    .argument("<name...>", "names of files, as `sealwire ls` prints them")
    .option("--out <folder>", "where the files go", ".")
    .addHelpText("after", HELP)
    .action((url: string, names: string[], options: GetOptions) =>
      withFiles(run, url, options, async (work) => {
        const kept = new Set((await work.files.list()).map(({ name }) => name));
        for (const name of names) await get(work, foundIn(kept, name), options);
      }),
    );
}

const HELP = `
Prints where each file is. A file that is there already keeps its name; the new one gets another.
A file appears whole or not at all. After a break the command waits for the server and goes on. What
a try that was ended has left is gone on with: run the same command again.
Exit codes: 0 all are here, 1 refused or not there, 2 wrong usage, 3 no connection or not the right
server, 130 ended by Ctrl-C.

Example:
  sealwire get tcp://127.0.0.1:7000 report.pdf --out downloads
`;

async function get(
  { files, shell, shown }: FilesWork,
  name: string,
  { out: folder, json }: GetOptions,
): Promise<void> {
  // What fits on this disk is its owner's business.
  const unbounded = Number.POSITIVE_INFINITY;
  const bounds = { maxFileBytes: unbounded, maxTotalBytes: unbounded, maxOwnerBytes: unbounded };
  const { folderStore } = await import("../../features/files/index.ts");
  const store = folderStore({ folder, ...bounds });
  const got = await shown(name, (options) => files.downloadInto(store, name, options));
  const { size, checksum: sha256, storedAs } = got;
  const path = join(folder, storedAs);
  await shell.out(json ? formatValue({ name, size, sha256, path }) : foreign(path));
}

/** Asked before: a server of netconduit sends an empty file in place of one that it has not. */
function foundIn(kept: ReadonlySet<string>, name: string): string {
  if (kept.has(name)) return name;
  throw new SealwireError("NOT_FOUND", `the server has no file ${name}; see \`sealwire ls\``);
}
