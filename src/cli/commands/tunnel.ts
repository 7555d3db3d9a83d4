import { once } from "node:events";
import type { Command } from "commander";
import { sharedSecret } from "../../auth/shared-secret.ts";
import { createServer } from "../../presets/node.ts";
import { createPeer } from "../../presets/peers.node.ts";
import { EXIT, exitCodeOfConnecting, misused, tellFailure } from "../failures.ts";
import { collect } from "../option-values.ts";
import type { Run } from "../program.ts";
import type { Shell } from "../shell.ts";
import { newCode, readCode } from "../transfer/code-words.ts";
import { pathNotes } from "../transfer/path-notes.ts";
import {
  type RendezvousOptions,
  rendezvousOf,
  withRendezvous,
} from "../transfer/rendezvous-option.ts";
import { enterTunnel } from "../tunnel/entrance.ts";
import { serveTunnel } from "../tunnel/exit.ts";
import { placeFrom } from "../tunnel/place.ts";

interface TunnelOptions extends RendezvousOptions {
  readonly to?: readonly string[];
  readonly listen?: string;
  readonly code?: string;
  readonly verbose?: boolean;
  readonly json?: boolean;
}

/** `sealwire tunnel`: a TCP port of one machine, reached from another. */
export function tunnelCommand(program: Command, run: Run): void {
  withRendezvous(program.command("tunnel"))
    .summary("reach a TCP port through a peer")
    .description(
      "With --to it prints a code and lets its holders reach that TCP port. With --listen and the " +
        "code it opens a port here, whose connections come out there.",
    )
    .argument("[code...]", "the twelve words, at the side that listens (SEALWIRE_CODE)")
    .option("--to <host:port>", "where connections come out; may be repeated", collect)
    .option("--listen <host:port>", "where connections go in, at the other side")
    .option("--code <words>", "at the side of --to: go on with this code instead of a new one")
    .option("--verbose", "tell each step on the way to the other side")
    .option("--json", "for machines: lines of JSON")
    .addHelpText("after", HELP)
    .action((words: string[], options: TunnelOptions) =>
      run((shell) => tunnel(shell, words, options)),
    );
}

const HELP = `
Whoever has the code can reach the ports of --to, and nothing else, until Ctrl-C.
With several --to the other side reaches the first; others as --listen HOST:PORT=2 and so on.

Examples:
  sealwire tunnel --to 127.0.0.1:22
  sealwire tunnel --listen 127.0.0.1:2222 turtle rubber various ...
`;

async function tunnel(
  shell: Shell,
  words: readonly string[],
  options: TunnelOptions,
): Promise<number> {
  shell.takeSignals();
  const rendezvous = rendezvousOf(shell, options);
  const { to, listen } = options;
  if ((to === undefined) === (listen === undefined)) {
    throw misused("give --to at the side of the port, or --listen and the code at the other side");
  }
  return to === undefined
    ? entrance(shell, words, rendezvous, { ...options, listen: listen ?? "" })
    : exit(shell, rendezvous, { ...options, to });
}

async function exit(
  shell: Shell,
  rendezvous: string,
  options: TunnelOptions & { readonly to: readonly string[] },
): Promise<number> {
  const targets = options.to.map((text) => placeFrom("--to", text));
  const code = options.code === undefined ? newCode() : readCode(options.code);
  const onStatus = pathNotes(shell, options.verbose);
  const peer = await createPeer({ rendezvous, key: code.key, onStatus });
  const server = createServer({ authenticator: sharedSecret(peer.secret) });
  serveTunnel(server, targets);
  try {
    await peer.listen(server);
    if (options.json) await shell.out(JSON.stringify({ code: code.words }));
    else await shell.out(`code ${code.words}`);
    if (!shell.stop.aborted) await once(shell.stop, "abort");
    return EXIT.ok;
  } catch (thrown) {
    tellFailure(shell, thrown, options.json);
    return EXIT.unconnected;
  } finally {
    await server.close({ drainMs: 0 });
  }
}

async function entrance(
  shell: Shell,
  words: readonly string[],
  rendezvous: string,
  options: TunnelOptions & { readonly listen: string },
): Promise<number> {
  const given = words.length > 0 ? words.join(" ") : shell.env["SEALWIRE_CODE"];
  if (given === undefined) throw misused("the code is missing: write its twelve words at the end");
  const [text = "", which = "1"] = options.listen.split("=");
  const place = placeFrom("--listen", text);
  const code = readCode(given);
  const onStatus = pathNotes(shell, options.verbose);
  const peer = await createPeer({ rendezvous, key: code.key, onStatus });
  try {
    shell.note("waiting for the other side");
    const client = await peer.connect({ connectTimeoutMs: 60_000, signal: shell.stop });
    const opened = await enterTunnel(client, place, Number(which) - 1);
    await shell.out(
      options.json ? JSON.stringify({ listening: opened.at }) : `listening ${opened.at}`,
    );
    if (!shell.stop.aborted) await once(shell.stop, "abort");
    await opened.close();
    await client.close();
    return EXIT.ok;
  } catch (thrown) {
    if (shell.stop.aborted) return EXIT.interrupted;
    return exitCodeOfConnecting(tellFailure(shell, thrown, options.json).code);
  }
}
