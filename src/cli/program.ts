import { Command } from "commander";
import { brokerCommand } from "./commands/broker.ts";
import { callCommand } from "./commands/call.ts";
import { completionCommand } from "./commands/completion.ts";
import { describeCommand } from "./commands/describe.ts";
import { keygenCommand } from "./commands/keygen.ts";
import { keysCommand } from "./commands/keys.ts";
import { listCommand } from "./commands/list.ts";
import { pingCommand } from "./commands/ping.ts";
import { serveCommand } from "./commands/serve.ts";
import { watchCommand } from "./commands/watch.ts";
import { workerCommand } from "./commands/worker.ts";
import { packageManifest } from "./installation.ts";
import type { Shell } from "./shell.ts";

/** Runs a command's work with the shell and keeps its exit code. */
export type Run = (work: (shell: Shell) => Promise<number>) => Promise<void>;

/** All commands with their options and help; `json`: what is misused is told by the caller. */
export function programFor(shell: Shell, run: Run, json = false): Command {
  const program = new Command("sealwire")
    .description("Calls between programs, sealed from end to end.")
    .version(String(packageManifest()["version"]))
    .showHelpAfterError("(--help shows what is possible)")
    .exitOverride()
    .configureOutput({
      writeErr: (text) => {
        if (!json) shell.note(text.trimEnd());
      },
      getOutHasColors: () => shell.colors.out.isColorSupported,
      getErrHasColors: () => shell.colors.err.isColorSupported,
    })
    .configureHelp({ styleTitle: (title) => shell.colors.out.bold(title) })
    .addHelpText("after", HELP);
  serveCommand(program, run);
  for (const add of [callCommand, listCommand, describeCommand, pingCommand, watchCommand]) {
    add(program, run);
  }
  brokerCommand(program, run);
  workerCommand(program, run);
  keygenCommand(program, run);
  keysCommand(program, run);
  completionCommand(program, run);
  return program;
}

const HELP = `
Examples:
  sealwire serve app.ts --listen tcp://127.0.0.1:7000 --keys keys.json
  sealwire call tcp://127.0.0.1:7000 add 2 3
  sealwire list tcp://127.0.0.1:7000
`;
