import type { Command } from "commander";
import { readEnvFile } from "../env-file.ts";
import { misused } from "../failures.ts";
import type { Shell } from "../shell.ts";

/** What says where peers meet. */
export interface RendezvousOptions {
  readonly rendezvous?: string;
  readonly envFile?: string;
}

/** Adds the options that say where peers meet. */
export function withRendezvous(command: Command): Command {
  return command
    .option("--rendezvous <url>", "where the two meet (SEALWIRE_RENDEZVOUS)")
    .option("--env-file <file>", "variables (default: .env if there is one)");
}

/** The option, the environment or `.env`. @throws `INVALID_ARGUMENT` when none says where */
export function rendezvousOf({ env }: Shell, options: RendezvousOptions): string {
  const file = readEnvFile(options.envFile);
  const found = options.rendezvous ?? env[NAME] ?? file[NAME];
  if (found) return found;
  throw misused(
    "no rendezvous is known, where the two could meet: give --rendezvous udp://host:3478, or set " +
      `${NAME}. Anybody can run one: sealwire rendezvous`,
  );
}

const NAME = "SEALWIRE_RENDEZVOUS";
