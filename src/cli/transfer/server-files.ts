import type { Client } from "../../client/client.ts";
import { type FileClient, fileClient } from "../../features/files/index.ts";
import { withClient } from "../connecting.ts";
import type { ConnectingOptions } from "../connecting-options.ts";
import { EXIT, tellFailure } from "../failures.ts";
import type { Run } from "../program.ts";
import type { Shell } from "../shell.ts";
import { type ProgressLine, progressLine } from "./progress-line.ts";

/** Connects to a server that keeps files and works with them; a failure becomes an exit code. */
export function withFiles(
  run: Run,
  url: string,
  options: ConnectingOptions,
  work: (files: FileClient, shell: Shell) => Promise<void>,
): Promise<void> {
  const through = (shell: Shell) => async (client: Client) => {
    try {
      await work(client.install(fileClient()), shell);
      return EXIT.ok;
    } catch (thrown) {
      if (shell.unread) return EXIT.ok;
      const { code } = tellFailure(shell, thrown, options.json);
      if (shell.stop.aborted) return EXIT.interrupted;
      return code === "INVALID_ARGUMENT" ? EXIT.usage : EXIT.failed;
    }
  };
  return run((shell) => withClient(shell, url, options, through(shell)));
}

/** Shows one transfer while it runs; machines see its end alone. */
export async function shown<Result>(
  shell: Shell,
  file: { readonly name: string; readonly size: number; readonly json: boolean | undefined },
  transfer: (at: ProgressLine["at"]) => Promise<Result>,
): Promise<Result> {
  if (file.json) return transfer(() => {});
  const line = progressLine(shell, { name: file.name, totalBytes: file.size, fromBytes: 0 });
  try {
    return await transfer((bytes) => line.at(bytes));
  } finally {
    line.end();
  }
}
