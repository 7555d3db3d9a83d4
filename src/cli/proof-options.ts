import type { Command } from "commander";
import { collect } from "./option-values.ts";

/** The options of a server that say who may come, as they were written. */
export interface ProofOptions {
  readonly apiKey?: readonly string[];
  readonly keys?: string;
  readonly authorizedKey?: readonly string[];
  readonly token?: readonly string[];
  readonly password?: string;
  readonly userPassword?: readonly string[];
  readonly secret?: string;
  /** Where the server listens: some proofs belong to single wires. */
  readonly listen?: readonly string[];
}

/** Adds those options to a command, but for `--listen`. */
export function withProofOptions(command: Command): Command {
  return command
    .option("--api-key <user:key>", "accept this API key; may be repeated", collect)
    .option("--keys <file>", "accept the API keys of this file, and follow its changes")
    .option("--authorized-key <user:public>", "accept this key pair; may be repeated", collect)
    .option("--token <user:token>", "accept this token; may be repeated", collect)
    .option("--password <password>", "accept this password (SEALWIRE_PASSWORD)")
    .option("--user-password <user:password>", "and this one of a user; may be repeated", collect)
    .option("--secret <secret>", "accept this shared secret (SEALWIRE_SECRET)");
}
