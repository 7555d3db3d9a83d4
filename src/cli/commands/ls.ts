import type { Command } from "commander";
import { type ConnectingOptions, withConnectingOptions } from "../connecting-options.ts";
import { formatValue } from "../json-values.ts";
import { foreign } from "../printable.ts";
import type { Run } from "../program.ts";
import { sizeText } from "../transfer/progress-line.ts";
import { withFiles } from "../transfer/server-files.ts";

/** `sealwire ls`: what files a server keeps. */
export function lsCommand(program: Command, run: Run): void {
  withConnectingOptions(program.command("ls"))
    .summary("list the files of a server")
    .description("Lists the files that a server keeps: size and name.")
    .argument("<url>", "where the server listens, such as tcp://127.0.0.1:7000")
    .addHelpText("after", HELP)
    .action((url: string, options: ConnectingOptions) =>
      withFiles(run, url, options, async ({ files, shell }) => {
        for (const { name, size } of await files.list()) {
          const line = `${sizeText(size).padStart(8)}  ${foreign(name)}`;
          await shell.out(options.json ? formatValue({ name, size }) : line);
        }
      }),
    );
}

const HELP = `
Exit codes: 0 listed, 1 refused, or the server keeps no files, 2 wrong usage, 3 no connection or not
the right server.

Example:
  sealwire ls tcp://127.0.0.1:7000
`;
