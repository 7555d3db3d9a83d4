import { openAsBlob } from "node:fs";
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import type { Command } from "commander";
import { withConnectingOptions } from "../connecting-options.ts";
import { misused } from "../failures.ts";
import { formatValue } from "../json-values.ts";
import { foreign } from "../printable.ts";
import type { Run } from "../program.ts";
import {
  type FilesOptions,
  type FilesWork,
  withFiles,
  withTransferOptions,
} from "../transfer/server-files.ts";

/** `sealwire put`: uploads files. */
export function putCommand(program: Command, run: Run): void {
  withTransferOptions(withConnectingOptions(program.command("put")))
    .summary("upload files to a server")
    .description("Uploads files to a server that keeps files; each is checked by its SHA-256.")
    .argument("<url>", "where the server listens, such as tcp://127.0.0.1:7000")
    .argument("<file...>", "what is uploaded")
    .addHelpText("after", HELP)
    .action((url: string, paths: string[], options: FilesOptions) =>
      withFiles(run, url, options, async (work) => {
        for (const path of paths) await put(work, path, options.json);
      }),
    );
}

const HELP = `
Prints the name under which the server keeps each file: another one when the name was taken.
After a break it waits for the server and goes on. What a try that was ended has left is gone on
with: run the same command again.
Exit codes: 0 all are there, 1 refused, 2 wrong usage, 3 no connection or not the right server,
130 ended by Ctrl-C.

Example:
  sealwire put tcp://127.0.0.1:7000 report.pdf
`;

async function put(work: FilesWork, path: string, json: boolean | undefined): Promise<void> {
  const { files, shell, shown } = work;
  const name = basename(path);
  const content = await openAsBlob(await plainFile(path));
  const uploaded = await shown(name, (options) => files.upload(name, content, options));
  const { size, checksum: sha256, storedAs } = uploaded;
  await shell.out(json ? formatValue({ name, size, sha256, storedAs }) : foreign(storedAs));
}

/** @throws `INVALID_ARGUMENT` for what cannot be read, or is no file */
async function plainFile(path: string): Promise<string> {
  const found = await stat(path).catch((cause: Error) => {
    throw misused(`cannot read ${path}: ${cause.message}`);
  });
  if (found.isFile()) return path;
  throw misused(`${path} is no file; pack folders into one first`);
}
