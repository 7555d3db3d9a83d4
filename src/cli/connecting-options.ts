import type { Command } from "commander";
import { LOG_LEVELS, type LogLevel } from "./logger.ts";
import { choice, collect, millisecondsOption } from "./option-values.ts";
import type { SecretOptions } from "./secret-options.ts";

/** The options of every command that connects. */
export interface ConnectingOptions extends SecretOptions {
  readonly pin?: readonly string[];
  readonly acceptNew?: boolean;
  readonly curve?: boolean;
  readonly tlsCa?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly timeout?: number;
  readonly envFile?: string;
  readonly logLevel?: LogLevel;
  readonly json?: boolean;
}

/** Adds the options that say who we are and whom we trust. */
export function withConnectingOptions(command: Command): Command {
  return command
    .option("--key <key>", "API key; - asks for it (SEALWIRE_KEY)")
    .option("--key-file <file>", "file that holds the API key")
    .option("--user <name>", "user of the password")
    .option("--password <password>", "password; - asks for it (SEALWIRE_PASSWORD)")
    .option("--secret <secret>", "shared secret; - asks for it (SEALWIRE_SECRET)")
    .option("--token <token>", "bearer token; - asks for it (SEALWIRE_TOKEN)")
    .option("--identity <file>", "key pair, as keygen --out writes it")
    .option("--pin <fingerprint>", "key of the server, swpub_…; may be repeated", collect)
    .option("--curve", "encrypt ZeroMQ by CURVE; --pin then names the server's key (or its Z85)")
    .option("--accept-new", "remember the key of a server that is met for the first time")
    .option("--tls-ca <file>", "certificates (PEM) that may sign the server's, for tls and wss")
    .option("--tls-cert <file>", "certificate (PEM) for servers that ask clients for one")
    .option("--tls-key <file>", "its key (PEM)")
    .option(
      "--timeout <ms>",
      "how long to wait for the server, and for the end of a call",
      millisecondsOption,
    )
    .option("--env-file <file>", "file with SEALWIRE_… variables (default: .env if there is one)")
    .option("--log-level <level>", LOG_LEVELS.join(", "), choice(LOG_LEVELS))
    .option("--json", "for machines: results and failures as one line of JSON");
}
