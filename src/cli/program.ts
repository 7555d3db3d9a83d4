import { Command } from "commander";
import { brokerCommand } from "./commands/broker.ts";
import { callCommand } from "./commands/call.ts";
import { completionCommand } from "./commands/completion.ts";
import { describeCommand } from "./commands/describe.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { getCommand } from "./commands/get.ts";
import { keygenCommand } from "./commands/keygen.ts";
import { keysCommand } from "./commands/keys.ts";
import { listCommand } from "./commands/list.ts";
import { lsCommand } from "./commands/ls.ts";
import { pingCommand } from "./commands/ping.ts";
import { proxyCommand } from "./commands/proxy.ts";
import { putCommand } from "./commands/put.ts";
import { receiveCommand } from "./commands/receive.ts";
import { relayCommand } from "./commands/relay.ts";
import { rendezvousCommand } from "./commands/rendezvous.ts";
import { sendCommand } from "./commands/send.ts";
import { serveCommand } from "./commands/serve.ts";
import { stateCommand } from "./commands/state.ts";
import { tunnelCommand } from "./commands/tunnel.ts";
import { udpCommand } from "./commands/udp.ts";
import { watchCommand } from "./commands/watch.ts";
import { workerCommand } from "./commands/worker.ts";
import { wsChatCommand } from "./commands/ws-chat.ts";
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
  for (const add of COMMANDS) add(program, run);
  return program;
}

/** In the order in which help shows them. */
const COMMANDS: readonly ((program: Command, run: Run) => void)[] = [
  ...[serveCommand, callCommand, listCommand, describeCommand, pingCommand, watchCommand],
  ...[stateCommand, putCommand, getCommand, lsCommand],
  ...[sendCommand, receiveCommand, tunnelCommand, doctorCommand],
  ...[rendezvousCommand, relayCommand, proxyCommand, wsChatCommand, udpCommand],
  ...[brokerCommand, workerCommand],
  ...[keygenCommand, keysCommand, completionCommand],
];

const HELP = `
Examples:
  sealwire serve app.ts --listen tcp://127.0.0.1:7000 --keys keys.json
  sealwire call tcp://127.0.0.1:7000 add 2 3
  sealwire list tcp://127.0.0.1:7000
`;
