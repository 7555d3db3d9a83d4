import { once } from "node:events";
import type { Command } from "commander";
import type { Broker } from "../../features/broker/broker.ts";
import { BROKER_DEFAULTS } from "../../features/broker/options.ts";
import type { NodeServerOptions } from "../../presets/node.ts";
import type { Server } from "../../server/server.ts";
import { EXIT, tellFailure } from "../failures.ts";
import { serverIdentity } from "../identity.ts";
import { LOG_LEVELS, type LogLevel, logTo } from "../logger.ts";
import { choice, collect, countOption, millisecondsOption } from "../option-values.ts";
import type { Run } from "../program.ts";
import { type ProofOptions, withProofOptions } from "../proof-options.ts";
import { proofsFrom } from "../proofs.ts";
import { type CertificateOptions, certificateOf, openServer } from "../serving.ts";
import type { Shell } from "../shell.ts";

interface BrokerCommandOptions extends ProofOptions, CertificateOptions {
  readonly listen?: readonly string[];
  readonly workerScope: string;
  readonly anyWorker?: boolean;
  readonly maxQueue: number;
  readonly queueTimeout: number;
  readonly identity?: string;
  readonly plaintext?: "allow";
  readonly name?: string;
  readonly drain: number;
  readonly logLevel: LogLevel;
  readonly json?: boolean;
}

/** `sealwire broker`: gives the calls that come to workers that connect. */
export function brokerCommand(program: Command, run: Run): void {
  const command = program
    .command("broker")
    .summary("give calls to workers that connect")
    .description(
      "Takes calls and gives each to the worker that has least to do. Workers connect with " +
        "sealwire worker, from any machine; a key with the scope worker lets them serve.",
    )
    .option("--listen <url>", `where; may be repeated (default: ${DEFAULT_ADDRESS})`, collect);
  withProofOptions(command)
    .option("--worker-scope <scope>", "what a key needs to serve", "worker")
    .option("--any-worker", "let all serve who have proven who they are, whatever their scopes")
    .option("--max-queue <n>", "calls that may wait", countOption, BROKER_DEFAULTS.maxQueue)
    .option(
      "--queue-timeout <ms>",
      "how long a call may wait for a worker",
      millisecondsOption,
      BROKER_DEFAULTS.queueTimeoutMs,
    )
    .option("--identity <file>", "the broker's own keys; made if there are none")
    .option("--tls-cert <file>", "certificate (PEM) for tls and wss")
    .option("--tls-key <file>", "its key (PEM)")
    .option("--tls-client-ca <file>", "certificates (PEM) that must have signed the clients'")
    .option("--plaintext <allow>", "allow unencrypted dialects beyond loopback", choice(["allow"]))
    .option("--name <name>", "name of the broker, told to clients")
    .option("--drain <ms>", "how long calls may still run at the end", millisecondsOption, 10_000)
    .option("--log-level <level>", LOG_LEVELS.join(", "), choice(LOG_LEVELS), "info")
    .option("--json", "for machines: lines of JSON")
    .addHelpText("after", HELP)
    .action((options: BrokerCommandOptions) => run((shell) => serveBroker(shell, options)));
}

const DEFAULT_ADDRESS = "tcp://127.0.0.1:7000";

const HELP = `
Prints "listening URL" for each listener when it is ready, everything else on standard error.
A call whose worker is lost goes to another if the procedure is idempotent; else it fails with
UNAVAILABLE. Exit codes: 0 ended by a signal, 2 it could not start.

Examples:
  sealwire keys add keys.json --user w1 --scope worker
  sealwire keys add keys.json --user ann
  sealwire broker --listen tcp://127.0.0.1:7000 --keys keys.json
  SEALWIRE_KEY=sw_… sealwire worker tasks.ts --broker tcp://127.0.0.1:7000
`;

async function serveBroker(shell: Shell, options: BrokerCommandOptions): Promise<number> {
  shell.takeSignals();
  let server: Server | undefined;
  let installed: Broker;
  try {
    const listen = options.listen ?? [DEFAULT_ADDRESS];
    const proofs = await proofsFrom(shell, { ...options, listen }, process.env);
    const logger = logTo(shell, options.logLevel, options.json);
    const { authenticator } = proofs;
    const { createServer } = await import("../../presets/node.ts");
    const { broker } = await import("../../features/broker/broker.ts");
    server = createServer({ ...(await serverOptions(shell, options)), authenticator, logger });
    installed = server.install(broker({ ...brokerOptions(options), logger }));
    await openServer(shell, server, { listen, proofs, json: options.json });
  } catch (thrown) {
    tellFailure(shell, thrown, options.json);
    await server?.close({ drainMs: 0 });
    return EXIT.usage;
  }
  if (!shell.stop.aborted) await once(shell.stop, "abort");
  shell.note("ending: no new calls, running ones may end");
  await installed.drain(options.drain);
  await server.close({ drainMs: options.drain });
  return EXIT.ok;
}

function brokerOptions({ anyWorker, workerScope, maxQueue, queueTimeout }: BrokerCommandOptions) {
  const scope: string | false = anyWorker === true ? false : workerScope;
  return { workerScope: scope, maxQueue, queueTimeoutMs: queueTimeout };
}

async function serverOptions(
  shell: Shell,
  options: BrokerCommandOptions,
): Promise<NodeServerOptions> {
  const { name, plaintext } = options;
  const tls = await certificateOf(options);
  return {
    native: { identity: await serverIdentity(shell, options.identity) },
    ...(name !== undefined && { name }),
    ...(plaintext && { plaintext }),
    ...(tls && { tls }),
  };
}
