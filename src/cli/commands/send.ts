import { once } from "node:events";
import type { Command } from "commander";
import { sharedSecret } from "../../auth/shared-secret.ts";
import { createServer } from "../../presets/node.ts";
import { createPeer } from "../../presets/peers.node.ts";
import { EXIT, misused, tellFailure } from "../failures.ts";
import { countOption } from "../option-values.ts";
import type { Run } from "../program.ts";
import type { Shell } from "../shell.ts";
import { type Code, newCode, readCode } from "../transfer/code-words.ts";
import { type OfferedFile, offerFile } from "../transfer/offered-file.ts";
import { pathNotes } from "../transfer/path-notes.ts";
import { progressLine, sizeText } from "../transfer/progress-line.ts";
import {
  type RendezvousOptions,
  rendezvousOf,
  withRendezvous,
} from "../transfer/rendezvous-option.ts";
import { serveFiles } from "../transfer/sending.ts";

interface SendOptions extends RendezvousOptions {
  readonly code?: string;
  readonly expires: number;
  readonly verbose?: boolean;
  readonly json?: boolean;
}

/** `sealwire send`: gives files to somebody who is told a code. */
export function sendCommand(program: Command, run: Run): void {
  withRendezvous(program.command("send"))
    .summary("send files to somebody")
    .description(
      "Prints a code of twelve words and waits for whoever types it at the other side. The files " +
        "go there directly where the networks let them, else through a relay that reads nothing.",
    )
    .argument("<file...>", "what is sent")
    .option("--code <words>", "go on with the code of a try that was ended")
    .option("--expires <minutes>", "how long to wait for the other side", countOption, 60)
    .option("--verbose", "tell each step on the way to the other side")
    .option("--json", "for machines: lines of JSON")
    .addHelpText("after", HELP)
    .action((files: string[], options: SendOptions) => run((shell) => send(shell, files, options)));
}

const HELP = `
Prints "code WORDS" when it waits, and ends when everything has arrived and was checked (SHA-256).
The code serves once. Tell it to nobody but the receiver, by a way that you trust.
Exit codes: 0 everything has arrived, 2 misused, 3 nobody came or no rendezvous, 130 Ctrl-C.

Examples:
  sealwire send holiday.zip
  sealwire send --rendezvous udp://192.0.2.1:3478 a.pdf b.pdf
`;

async function send(shell: Shell, paths: readonly string[], options: SendOptions): Promise<number> {
  shell.takeSignals();
  const rendezvous = rendezvousOf(shell, options);
  const code = options.code === undefined ? newCode() : readCode(options.code);
  const files: OfferedFile[] = [];
  try {
    for (const path of paths) files.push(await offerFile(path));
    return await serve(shell, { files, code, rendezvous, options });
  } finally {
    await Promise.all(files.map(({ handle }) => handle.close()));
  }
}

interface Sending {
  readonly files: readonly OfferedFile[];
  readonly code: Code;
  readonly rendezvous: string;
  readonly options: SendOptions;
}

async function serve(shell: Shell, sending: Sending): Promise<number> {
  const { files, code, rendezvous, options } = sending;
  const onStatus = pathNotes(shell, options.verbose);
  const peer = await createPeer({ rendezvous, key: code.key, onStatus });
  const server = createServer({ authenticator: sharedSecret(peer.secret) });
  const over = new AbortController();
  const [done, late] = [new Error("done"), misused("")];
  serveFiles(server, {
    files,
    progress: (shown) => progressLine(shell, shown),
    done: () => over.abort(done),
  });
  // A code that nobody used is worth nothing any more; one that is in use is.
  const expiry = setInterval(() => {
    if (server.connections.size === 0) over.abort(late);
  }, options.expires * 60_000);
  shell.stop.addEventListener("abort", () => over.abort(shell.stop.reason), { once: true });
  try {
    await peer.listen(server);
    await tellCode(shell, sending);
    if (shell.stop.aborted) return EXIT.interrupted;
    if (!over.signal.aborted) await once(over.signal, "abort");
    if (over.signal.reason === done) return await ended(shell, options);
    if (over.signal.reason !== late) return EXIT.interrupted;
    shell.note(`nobody has come within ${options.expires} minutes: the code is void`);
    return EXIT.unconnected;
  } catch (thrown) {
    tellFailure(shell, thrown, options.json);
    return EXIT.unconnected;
  } finally {
    clearInterval(expiry);
    await server.close({ drainMs: over.signal.reason === done ? 2_000 : 0 });
  }
}

async function tellCode(shell: Shell, { files, code, options }: Sending): Promise<void> {
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  if (options.json) return shell.out(JSON.stringify({ code: code.words, bytes }));
  shell.note(`${files.length} file${files.length === 1 ? "" : "s"}, ${sizeText(bytes)}`);
  shell.note("At the other side: sealwire receive, and then this code");
  await shell.out(`code ${code.words}`);
}

async function ended(shell: Shell, { json }: SendOptions): Promise<number> {
  if (json) await shell.out('{"done":true}');
  else shell.note("everything has arrived");
  return EXIT.ok;
}
