import type { Command } from "commander";
import { countOption } from "../option-values.ts";
import type { Run } from "../program.ts";
import type { Shell } from "../shell.ts";
import { relaySecretFrom } from "../transfer/relay-secret.ts";
import { servePeersUntilStopped } from "./rendezvous.ts";

interface RelayCommandOptions {
  readonly listen: string;
  readonly relaySecretFile?: string;
  readonly maxSessions?: number;
  readonly bytesPerSecond?: number;
  readonly json?: boolean;
}

/** `sealwire relay`: passes sealed datagrams on between peers that cannot meet directly. */
export function relayCommand(program: Command, run: Run): void {
  program
    .command("relay")
    .summary("run a relay for peers")
    .description(
      "Passes datagrams on for pairs that bring a reservation of the rendezvous. It sees " +
        "ciphertext and addresses. UDP, and WebSocket at the same port of TCP.",
    )
    .option("--listen <url>", "where", "udp://0.0.0.0:3478")
    .option(
      "--relay-secret-file <file>",
      "what it shares with the rendezvous, 32 bytes in base64 " +
        "or 64 digits (SEALWIRE_RELAY_SECRET)",
    )
    .option("--max-sessions <n>", "pairs at once", countOption)
    .option("--bytes-per-second <n>", "what is relayed for one pair", countOption)
    .option("--json", "for machines: lines of JSON")
    .addHelpText("after", HELP)
    .action((options: RelayCommandOptions) => run((shell) => relay(shell, options)));
}

const HELP = `
Prints "listening URL" when it is ready, and what it has counted at the end.

Example:
  openssl rand -base64 32 > relay.secret
  sealwire relay --listen udp://192.0.2.2:3478 --relay-secret-file relay.secret
  sealwire rendezvous --relay udp://192.0.2.2:3478 --relay-secret-file relay.secret
`;

async function relay(shell: Shell, options: RelayCommandOptions): Promise<number> {
  const { listen, json, maxSessions, bytesPerSecond } = options;
  const relaySecret = await relaySecretFrom(shell, options.relaySecretFile, true);
  const limits = {
    ...(maxSessions !== undefined && { maxRelayed: maxSessions }),
    ...(bytesPerSecond !== undefined && { bytesPerSecond }),
  };
  return servePeersUntilStopped(shell, json, {
    ...{ listen, rendezvous: false, relay: true, limits },
    ...(relaySecret && { relaySecret }),
  });
}
