import { Argument, type Command } from "commander";
import { completionScript, type Shells } from "../completion-script.ts";
import { EXIT } from "../failures.ts";
import type { Run } from "../program.ts";

const SHELLS: readonly Shells[] = ["bash", "zsh", "fish"];

/** `sealwire completion`: the script by which a shell completes our commands. */
export function completionCommand(program: Command, run: Run): void {
  program
    .command("completion")
    .summary("print a completion script for bash, zsh or fish")
    .description("Prints a script by which a shell completes commands and options.")
    .addArgument(new Argument("<shell>", "which shell").choices(SHELLS))
    .addHelpText("after", HELP)
    .action((shell: Shells) =>
      run(async ({ out }) => {
        await out(completionScript(program, shell));
        return EXIT.ok;
      }),
    );
}

const HELP = `
Examples:
  source <(sealwire completion bash)
  sealwire completion fish > ~/.config/fish/completions/sealwire.fish
`;
