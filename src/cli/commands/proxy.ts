import { once } from "node:events";
import { isIP } from "node:net";
import type { Command } from "commander";
import type { GatewayOptions } from "../../gateway/index.ts";
import { EXIT, misused, tellFailure } from "../failures.ts";
import { LOG_LEVELS, type LogLevel, logTo } from "../logger.ts";
import { choice, collect } from "../option-values.ts";
import { portFrom } from "../port-from.ts";
import { foreign } from "../printable.ts";
import type { Run } from "../program.ts";
import { proofsFrom } from "../proofs.ts";
import { readSmall } from "../secret-file.ts";
import type { Shell } from "../shell.ts";

interface ProxyCommandOptions {
  readonly listen?: readonly string[];
  readonly apiKey?: readonly string[];
  readonly keys?: string;
  readonly allowAnyone?: boolean;
  readonly allowPrivate?: boolean;
  readonly allowTarget?: readonly string[];
  readonly allowOrigin?: readonly string[];
  readonly allowHost?: readonly string[];
  readonly authenticate?: boolean;
  readonly srmudpPort?: string;
  readonly bind?: string;
  readonly stun?: readonly string[];
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly logLevel: LogLevel;
  readonly json?: boolean;
}

/** `sealwire proxy`: WebSocket on one side, SRMUDP on the other. */
export function proxyCommand(program: Command, run: Run): void {
  program
    .command("proxy")
    .summary("let WebSocket clients reach SRMUDP peers")
    .description(
      "Runs the gateway: programs and pages that can only speak WebSocket reach peers that speak " +
        "SRMUDP over UDP. The gateway sees what passes through it.",
    )
    .option("--listen <url>", `where; may be repeated (default: ${DEFAULT_ADDRESS})`, collect)
    .option("--api-key <user:key>", "accept this API key; may be repeated (SEALWIRE_KEY)", collect)
    .option("--keys <file>", "accept the API keys of this file, and follow its changes")
    .option("--allow-anyone", "listen beyond loopback without API keys")
    .option("--allow-private", "let links lead to private, loopback and link-local addresses")
    .option("--allow-target <place>", "let links lead here alone; may be repeated", collect)
    .option("--allow-origin <origin>", "let pages of this origin in, or any; repeatable", collect)
    .option("--allow-host <name>", "a name the gateway is reached by; repeatable", collect)
    .option("--authenticate", "peers must prove the key, unless the query says otherwise")
    .option("--srmudp-port <port>", "UDP port of links that name none (default: any)")
    .option("--bind <address>", "address that links are bound to (default: any)")
    .option("--stun <host:port>", "ask this STUN server for public addresses; repeatable", collect)
    .option("--tls-cert <file>", "certificate (PEM) for https")
    .option("--tls-key <file>", "its key (PEM)")
    .option("--log-level <level>", LOG_LEVELS.join(", "), choice(LOG_LEVELS), "info")
    .option("--json", "for machines: lines of JSON")
    .addHelpText("after", HELP)
    .action((options: ProxyCommandOptions) => run((shell) => proxy(shell, options)));
}

const DEFAULT_ADDRESS = "http://127.0.0.1:8000";

const HELP = `
Prints "listening URL" for each listener when it is ready, everything else on standard error.
Exit codes: 0 ended by a signal, 2 it could not start.

Examples:
  sealwire proxy --listen http://127.0.0.1:8000
  sealwire proxy --listen https://0.0.0.0:8443 --tls-cert c.pem --tls-key k.pem --keys keys.json
`;

async function proxy(shell: Shell, options: ProxyCommandOptions): Promise<number> {
  shell.takeSignals();
  const opened: { close(): Promise<void> }[] = [];
  try {
    const { createGateway } = await import("../../gateway/index.ts");
    const gateway = createGateway(await gatewayOptions(shell, options));
    opened.push(gateway);
    for (const address of options.listen ?? [DEFAULT_ADDRESS]) {
      const { href } = await gateway.listen(address);
      await shell.out(options.json ? JSON.stringify({ listening: href }) : `listening ${href}`);
    }
  } catch (thrown) {
    tellFailure(shell, thrown, options.json, hintFor(thrown));
    await opened[0]?.close();
    return EXIT.usage;
  }
  if (!shell.stop.aborted) await once(shell.stop, "abort");
  shell.note("ending: all links are closed");
  await opened[0]?.close();
  return EXIT.ok;
}

/** The gateway knows the names of its own options, not of ours. */
function hintFor(thrown: unknown): string | undefined {
  const message = thrown instanceof Error ? thrown.message : "";
  if (message.includes("allowAnyone"))
    return "--api-key USER:KEY or --keys FILE, or --allow-anyone";
  return message.includes("certificate") ? "--tls-cert FILE and --tls-key FILE" : undefined;
}

async function gatewayOptions(shell: Shell, options: ProxyCommandOptions): Promise<GatewayOptions> {
  const { allowTarget, allowOrigin, allowHost, stun, bind, srmudpPort } = options;
  const { allowAnyone = false, allowPrivate = false, authenticate = false } = options;
  if (bind !== undefined && isIP(bind) === 0) {
    throw misused(`--bind is "${bind}"; it must be an IP address of this machine`);
  }
  const proofs = await judgeOf(shell, options);
  const tls = await certificateOf(options);
  return {
    ...{ allowAnyone, allowPrivate, authenticate },
    ...(proofs && { authenticator: proofs }),
    ...(allowTarget && { allowedTargets: allowTarget }),
    ...(allowOrigin && { allowedOrigins: allowOrigin.includes("any") ? "any" : allowOrigin }),
    ...(allowHost && { allowedHosts: allowHost }),
    ...(stun && { stunServers: stun }),
    ...(bind !== undefined && { bindHost: bind }),
    ...(srmudpPort !== undefined && { preferredPort: portFrom("--srmudp-port", srmudpPort) }),
    ...(tls && { tls }),
    logger: logTo(shell, options.logLevel, options.json),
  };
}

/** Only API keys count here, so that no other variable of the environment opens the door. */
async function judgeOf(
  shell: Shell,
  { apiKey, keys }: ProxyCommandOptions,
): Promise<GatewayOptions["authenticator"]> {
  const given = { ...(apiKey && { apiKey }), ...(keys !== undefined && { keys }) };
  const variable = shell.env["SEALWIRE_KEY"];
  const { authenticator, ways } = await proofsFrom(shell, given, {
    ...(variable !== undefined && { SEALWIRE_KEY: variable }),
  });
  const accepted = ways.length > 0 ? ways.join(", ") : "no credentials: everybody may use it";
  shell.note(`accepts ${foreign(accepted)}`);
  return ways.length > 0 ? authenticator : undefined;
}

async function certificateOf({
  tlsCert,
  tlsKey,
}: ProxyCommandOptions): Promise<GatewayOptions["tls"]> {
  if (tlsCert === undefined && tlsKey === undefined) return undefined;
  if (tlsCert === undefined || tlsKey === undefined) {
    throw misused("--tls-cert and --tls-key belong together: one is missing");
  }
  return {
    cert: await readSmall("--tls-cert", tlsCert),
    key: await readSmall("--tls-key", tlsKey),
  };
}
