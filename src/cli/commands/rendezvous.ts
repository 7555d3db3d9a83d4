import { once } from "node:events";
import type { Command } from "commander";
import { type PeerServerOptions, servePeers } from "../../presets/peers.node.ts";
import { EXIT, tellFailure } from "../failures.ts";
import { countOption } from "../option-values.ts";
import type { Run } from "../program.ts";
import type { Shell } from "../shell.ts";
import { relaySecretFrom } from "../transfer/relay-secret.ts";

interface RendezvousCommandOptions {
  readonly listen: string;
  readonly relay?: string | boolean;
  readonly relaySecretFile?: string;
  readonly bytesPerSecond?: number;
  readonly json?: boolean;
}

/** `sealwire rendezvous`: where peers meet. */
export function rendezvousCommand(program: Command, run: Run): void {
  program
    .command("rendezvous")
    .summary("run the place where peers meet")
    .description(
      "Lets peers find each other: it sees names made from their keys and their addresses, and " +
        "nothing of what they say. Serves UDP, a second port for looking at routers, and " +
        "WebSocket at the same port of TCP. Relays for those who cannot meet directly.",
    )
    .option("--listen <url>", "where", DEFAULT_LISTEN)
    .option("--relay <url>", "send peers to this relay instead of relaying here")
    .option("--no-relay", "do not relay at all")
    .option("--relay-secret-file <file>", "what it shares with that relay (SEALWIRE_RELAY_SECRET)")
    .option("--bytes-per-second <n>", "what is relayed for one pair", countOption)
    .option("--json", "for machines: lines of JSON")
    .addHelpText("after", HELP)
    .action((options: RendezvousCommandOptions) => run((shell) => rendezvous(shell, options)));
}

const DEFAULT_LISTEN = "udp://0.0.0.0:3478";

const HELP = `
Prints "listening URL" when it is ready, and what it has counted at the end.
Exit codes: 0 ended by a signal, 2 it could not start.

Examples:
  sealwire rendezvous
  sealwire rendezvous --listen udp://192.0.2.1:3478 --relay udp://192.0.2.2:3478
`;

async function rendezvous(shell: Shell, options: RendezvousCommandOptions): Promise<number> {
  const { listen, relay, json, bytesPerSecond } = options;
  const elsewhere = typeof relay === "string";
  const secret = await relaySecretFrom(shell, options.relaySecretFile, elsewhere);
  return servePeersUntilStopped(shell, json, {
    listen,
    relay: relay !== false && !elsewhere,
    ...(elsewhere && { relayAddress: relay }),
    ...(secret && { relaySecret: secret }),
    ...(bytesPerSecond !== undefined && { limits: { bytesPerSecond } }),
  });
}

/** Runs a service until a signal comes. */
export async function servePeersUntilStopped(
  shell: Shell,
  json: boolean | undefined,
  options: PeerServerOptions,
): Promise<number> {
  shell.takeSignals();
  try {
    const running = await servePeers(options);
    const { href } = running.address;
    await shell.out(json ? JSON.stringify({ listening: href }) : `listening ${href}`);
    if (!shell.stop.aborted) await once(shell.stop, "abort");
    await running.close();
    shell.note(`ended; without effect were ${JSON.stringify(running.service.counters)}`);
    return EXIT.ok;
  } catch (thrown) {
    tellFailure(shell, thrown, json);
    return EXIT.usage;
  }
}
