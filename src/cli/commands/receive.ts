import { access, constants, stat } from "node:fs/promises";
import type { Command } from "commander";
import type { Client } from "../../client/client.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { createPeer } from "../../presets/peers.node.ts";
import { EXIT, exitCodeOfConnecting, misused, tellFailure } from "../failures.ts";
import { fileReason } from "../file-reason.ts";
import { countOption } from "../option-values.ts";
import type { Run } from "../program.ts";
import type { Shell } from "../shell.ts";
import { readCode } from "../transfer/code-words.ts";
import { pathNotes } from "../transfer/path-notes.ts";
import { progressLine } from "../transfer/progress-line.ts";
import { receiveFiles } from "../transfer/receiving.ts";
import {
  type RendezvousOptions,
  rendezvousOf,
  withRendezvous,
} from "../transfer/rendezvous-option.ts";

interface ReceiveOptions extends RendezvousOptions {
  readonly to: string;
  readonly wait: number;
  readonly verbose?: boolean;
  readonly json?: boolean;
}

/** `sealwire receive`: takes the files that somebody sends. */
export function receiveCommand(program: Command, run: Run): void {
  withRendezvous(program.command("receive"))
    .summary("receive files from somebody")
    .description("Takes the files of whoever runs `sealwire send`, and checks them.")
    .argument("[code...]", "the twelve words; asked for if there are none (SEALWIRE_CODE)")
    .option("--to <folder>", "where the files go", ".")
    .option(
      "--wait <minutes>",
      "how long to wait for the sender, and after a break",
      countOption,
      10,
    )
    .option("--verbose", "tell each step on the way to the other side")
    .option("--json", "for machines: lines of JSON")
    .addHelpText("after", HELP)
    .action((words: string[], options: ReceiveOptions) =>
      run((shell) => receive(shell, words, options)),
    );
}

const HELP = `
Prints the path of each file when it is whole. A name that is taken gets a number.
What a try that was ended has left is gone on with: run the same command again.
Exit codes: 0 everything is there, 1 a file is damaged, 2 misused, 3 no sender, 130 Ctrl-C.

Example:
  sealwire receive --to Downloads
`;

async function receive(
  shell: Shell,
  words: readonly string[],
  options: ReceiveOptions,
): Promise<number> {
  const rendezvous = rendezvousOf(shell, options);
  const given = words.length > 0 ? words.join(" ") : shell.env["SEALWIRE_CODE"];
  const code = readCode(given ?? (await asked(shell)));
  await checkFolder(options.to);
  const onStatus = pathNotes(shell, options.verbose);
  const peer = await createPeer({ rendezvous, key: code.key, onStatus });
  const waitMs = options.wait * 60_000;
  let client: Client;
  try {
    shell.note("waiting for the sender");
    client = await peer.connect({ connectTimeoutMs: waitMs, signal: shell.stop });
  } catch (thrown) {
    if (shell.stop.aborted) return EXIT.interrupted;
    return exitCodeOfConnecting(tellFailure(shell, thrown, options.json).code);
  }
  try {
    await take(shell, client, options, waitMs);
    return EXIT.ok;
  } catch (thrown) {
    if (shell.stop.aborted) return EXIT.interrupted;
    tellFailure(shell, thrown, options.json);
    return EXIT.failed;
  } finally {
    await client.close();
  }
}

/** Takes everything; a sender that has gone is waited for, but not for ever. */
async function take(
  shell: Shell,
  client: Client,
  { to, json }: ReceiveOptions,
  waitMs: number,
): Promise<void> {
  const over = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  client.onState((state) => {
    if (state === "open") {
      clearTimeout(timer);
      timer = undefined;
    } else if (state === "broken") {
      timer ??= setTimeout(() => over.abort(senderGone()), waitMs);
    }
  });
  try {
    await receiveFiles({
      client,
      folder: to,
      progress: (shown) => progressLine(shell, shown),
      received: (path) => shell.out(json ? JSON.stringify({ received: path }) : path),
      signal: AbortSignal.any([over.signal, shell.stop]),
    });
  } finally {
    clearTimeout(timer);
  }
}

async function asked(shell: Shell): Promise<string> {
  if (shell.interactive) return shell.ask("The twelve words of the code: ");
  throw misused("there is no code: write the twelve words behind receive, or set SEALWIRE_CODE");
}

async function checkFolder(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isDirectory()) throw misused(`--to: ${path} is no folder`);
  await access(path, constants.W_OK).catch((cause: unknown) => {
    throw misused(`--to: nothing can be written into ${path}: ${fileReason(cause)}`);
  });
}

function senderGone(): SealwireError {
  const message = "the sender has not come back; run the same command again to go on";
  return new SealwireError("UNAVAILABLE", message);
}
