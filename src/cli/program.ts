import { Command } from "commander";
import { commandsFor } from "./commands.ts";
import { packageManifest } from "./installation.ts";
import type { Shell } from "./shell.ts";

/** Runs a command's work with the shell and keeps its exit code. */
export type Run = (work: (shell: Shell) => Promise<number>) => Promise<void>;

/**
 * The commands that `args` are about, with their options and help; `json`: what is misused is told
 * by the caller.
 */
export async function programFor(
  shell: Shell,
  run: Run,
  args: readonly string[],
  json = false,
): Promise<Command> {
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
  for (const add of await commandsFor(args)) add(program, run);
  return program;
}

const HELP = `
Examples:
  sealwire serve app.ts --listen tcp://127.0.0.1:7000 --keys keys.json
  sealwire call tcp://127.0.0.1:7000 add 2 3
  sealwire list tcp://127.0.0.1:7000
`;
