import { once } from "node:events";
import type { Command } from "commander";
import type { KeyPair } from "../../crypto/keys.ts";
import type { NodeServerOptions } from "../../presets/node.ts";
import type { Server } from "../../server/server.ts";
import { joinCluster, type NodeOptions, withNodeOptions } from "../cluster.ts";
import { EXIT, misused, tellFailure } from "../failures.ts";
import { serverIdentity } from "../identity.ts";
import { LOG_LEVELS, type LogLevel, logTo } from "../logger.ts";
import { fill } from "../module-loader.ts";
import { choice, collect, countOption, millisecondsOption } from "../option-values.ts";
import type { Run } from "../program.ts";
import { type ProofOptions, withProofOptions } from "../proof-options.ts";
import { type Proofs, proofsFrom } from "../proofs.ts";
import { certificateOf, openServer, takeEnvFile } from "../serving.ts";
import type { Shell } from "../shell.ts";

interface ServeOptions extends ProofOptions, NodeOptions {
  readonly listen?: readonly string[];
  readonly identity?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly tlsClientCa?: string;
  readonly curve?: boolean;
  readonly workers?: number;
  readonly state?: string;
  readonly plaintext?: "allow";
  readonly envFile?: string;
  readonly name?: string;
  readonly drain: number;
  readonly logLevel: LogLevel;
  readonly json?: boolean;
}

/** `sealwire serve`: makes the functions of a module callable. */
export function serveCommand(program: Command, run: Run): void {
  const command = program
    .command("serve")
    .summary("serve the functions of a module")
    .description(
      "Serves a module. Its default export is a function that gets the server, or an object of " +
        "functions. TypeScript is loaded as it is. Without credentials public procedures alone " +
        "can be called.",
    )
    .argument("<module>", "file of the module, .ts or .js")
    .option("--listen <url>", `where; may be repeated (default: ${DEFAULT_ADDRESS})`, collect);
  withNodeOptions(withProofOptions(command))
    .option("--identity <file>", "the server's own keys; made if there are none")
    .option("--tls-cert <file>", "certificate (PEM) for tls and wss")
    .option("--tls-key <file>", "its key (PEM)")
    .option("--tls-client-ca <file>", "certificates (PEM) that must have signed the clients'")
    .option("--curve", "encrypt ZeroMQ by CURVE, with the server's own keys")
    .option("--state <folder>", "keep shared variables there (default: in memory)")
    .option(
      "--workers <n>",
      "threads of workers; handlers at once on ZeroMQ (default: 4)",
      countOption,
    )
    .option("--plaintext <allow>", "allow unencrypted dialects beyond loopback", choice(["allow"]))
    .option("--env-file <file>", "variables for the module (default: .env if there is one)")
    .option("--name <name>", "name of the server, told to clients")
    .option("--drain <ms>", "how long calls may still run at the end", millisecondsOption, 10_000)
    .option("--log-level <level>", LOG_LEVELS.join(", "), choice(LOG_LEVELS), "info")
    .option("--json", "for machines: lines of JSON")
    .addHelpText("after", HELP)
    .action((module: string, options: ServeOptions) =>
      run((shell) => serve(shell, module, options)),
    );
}

const DEFAULT_ADDRESS = "tcp://127.0.0.1:7000";

const HELP = `
Prints "listening URL" for each listener when it is ready, everything else on standard error.
SIGTERM and Ctrl-C let running calls end; a second one ends at once.
Exit codes: 0 ended by a signal, 2 it could not start.

Examples:
  sealwire keys add keys.json --user ann
  sealwire serve app.ts --keys keys.json
  sealwire serve app.ts --listen tcp://0.0.0.0:7000 --listen ws://127.0.0.1:7001 --keys keys.json
  sealwire serve app.ts --cluster nats://127.0.0.1:4222 --cluster-key-file cluster.key --node-id a

A module:
  export default (server) => {
    server.expose({ add: (a, b) => a + b });
    server.expose({ hello: () => "hi" }, { public: true });
  };
`;

async function serve(shell: Shell, module: string, options: ServeOptions): Promise<number> {
  shell.takeSignals();
  let server: Server | undefined;
  try {
    takeEnvFile(options.envFile);
    const listen = options.listen ?? [DEFAULT_ADDRESS];
    const proofs = await proofsFrom(shell, { ...options, listen }, process.env);
    const logger = logTo(shell, options.logLevel, options.json);
    if (options.cluster && options.state !== undefined) throw keptByCluster();
    const given = await serverOptions(shell, options, proofs);
    const joined = await joinCluster(shell, options, logger);
    const { createServer } = await import("../../presets/node.ts");
    server = createServer({ ...given, logger, ...(joined && { state: { store: joined.store } }) });
    if (joined) server.install(joined.feature);
    await fill(server, module);
    await openServer(shell, server, { listen, proofs, curve: options.curve, json: options.json });
  } catch (thrown) {
    tellFailure(shell, thrown, options.json);
    await server?.close({ drainMs: 0 });
    return EXIT.usage;
  }
  if (!shell.stop.aborted) await once(shell.stop, "abort");
  shell.note("ending: no new connections, running calls may end");
  await server.close({ drainMs: options.drain });
  return EXIT.ok;
}

async function serverOptions(
  shell: Shell,
  options: ServeOptions,
  { authenticator }: Proofs,
): Promise<NodeServerOptions> {
  const { name, plaintext } = options;
  const tls = await certificateOf(options);
  const identity = await serverIdentity(shell, options.identity);
  return {
    authenticator,
    native: { identity },
    ...(options.curve && { curve: { secretKey: identity.secretKey } }),
    ...(options.workers !== undefined && { workers: options.workers }),
    ...pythonWires(identity, options.workers),
    ...(options.state !== undefined && (await stateIn(shell, options.state))),
    callContext: true,
    ...(name !== undefined && { name }),
    ...(plaintext && { plaintext }),
    ...(tls && { tls }),
  };
}

/** Says which store it is: without lmdb it is a log, which is slower. */
async function stateIn(shell: Shell, folder: string): Promise<Pick<NodeServerOptions, "state">> {
  const { stateStoreIn } = await import("../../adapters/embedded/index.ts");
  const store = await stateStoreIn(folder);
  shell.note(`shared variables are kept in ${store.description}`);
  return { state: { store } };
}

function keptByCluster(): Error {
  return misused("--state: the shared variables of a cluster are kept by its engine");
}

/** The key of `nacl-box` is the server's own, so that it is the same after a restart. */
function pythonWires(
  keyPair: KeyPair,
  workers: number | undefined,
): Pick<NodeServerOptions, "zmqPassword" | "naclBox"> {
  const atOnce = workers === undefined ? {} : { workers };
  return { zmqPassword: atOnce, naclBox: { keyPair, ...atOnce } };
}
