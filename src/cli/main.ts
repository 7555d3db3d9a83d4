import { CommanderError } from "commander";
import { EXIT, misused, tellFailure } from "./failures.ts";
import { programFor } from "./program.ts";
import { processShell, type Shell } from "./shell.ts";

/** Runs the command line and answers with the exit code of the process. */
export async function main(args: readonly string[]): Promise<number> {
  const shell = processShell();
  // Sealwire's timers keep no process alive, yet a command may wait for nothing but one of them.
  const alive = setInterval(() => {}, 2_147_483_647);
  try {
    const code = await runCommand(shell, args);
    await written();
    return shell.unread ? EXIT.ok : code;
  } finally {
    clearInterval(alive);
  }
}

async function runCommand(shell: Shell, args: readonly string[]): Promise<number> {
  const ended: { code: number } = { code: EXIT.ok };
  const json = args.includes("--json");
  const run = async (work: (shell: Shell) => Promise<number>) => {
    ended.code = await work(shell);
  };
  try {
    const program = await programFor(shell, run, args, json);
    await program.parseAsync(args, { from: "user" });
    return ended.code;
  } catch (thrown) {
    if (thrown instanceof CommanderError) return endedByCommander(shell, thrown, json);
    const { code } = tellFailure(shell, thrown, json);
    if (code === "CANCELLED") return EXIT.interrupted;
    return code === "INVALID_ARGUMENT" ? EXIT.usage : EXIT.failed;
  }
}

/** Commander has told people already; help and version come this way too, with 0. */
function endedByCommander(
  shell: Shell,
  { exitCode, message }: CommanderError,
  json: boolean,
): number {
  if (exitCode === 0) return EXIT.ok;
  if (json) tellFailure(shell, misused(message.replace(/^error: /, "")), json);
  return EXIT.usage;
}

/** Where pipes are written to later, nothing must be lost when the process ends. */
function written(): Promise<void> {
  return new Promise((resolve) => {
    process.stdout.write("", () => resolve());
  });
}
