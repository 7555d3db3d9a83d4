import { isIPv6 } from "node:net";
import { type Command, InvalidArgumentError } from "commander";
import type { Endpoint } from "../../core/contracts/datagram-socket.ts";
import { NODE_PLATFORM } from "../../presets/platform.node.ts";
import { BindingClient } from "../../stun/binding-client.ts";
import { discoverNat, type NatReport } from "../../stun/nat-discovery.ts";
import { natWords, reachOf } from "../../stun/nat-words.ts";
import { resolved } from "../../transports/udp/address.ts";
import { bindUdp } from "../../transports/udp/datagram-socket.ts";
import { EXIT, misused, tellFailure } from "../failures.ts";
import { formatValue } from "../json-values.ts";
import { isOwnAddress, localWords, lookAtLocalNetwork } from "../local-network.ts";
import { type MappingLife, mappingLifeWords, measureMappingLife } from "../mapping-life.ts";
import type { Run } from "../program.ts";
import type { Shell } from "../shell.ts";

const STUN_PORT = 3478;
/** As long as anybody would wait, and longer than any router keeps a silent port. */
const MAX_LIFE_SECONDS = 600;

interface DoctorOptions {
  readonly stun?: readonly Endpoint[];
  readonly mappingLife?: number;
  readonly json?: boolean;
}

/** `sealwire doctor`: what the network allows, and why direct connections fail. */
export function doctorCommand(program: Command, run: Run): void {
  program
    .command("doctor")
    .summary("say what the network allows")
    .description(
      "Says what kind of router this machine is behind and whether peers can connect directly. " +
        "Asks nobody but the STUN servers that you name, here or in SEALWIRE_STUN.",
    )
    .option("--stun <host:port>", "a STUN server to ask; two tell more than one", addServer)
    .option(
      "--mapping-life <seconds>",
      "also measure, up to so long, how long the router keeps a silent port",
      secondsOption,
    )
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      "\nExample:\n  sealwire doctor --stun stun.example.org:3478 --stun 198.51.100.2:3479\n",
    )
    .action((options: DoctorOptions) => run((shell) => doctor(shell, options)));
}

async function doctor(shell: Shell, options: DoctorOptions): Promise<number> {
  try {
    const local = await lookAtLocalNetwork();
    const servers = await Promise.all((options.stun ?? serversIn(shell)).map(resolved));
    const nat = servers.length === 0 ? undefined : await discovered(servers);
    const life = await lifeOf(shell, nat, servers, options.mappingLife);
    if (options.json) {
      const reach = nat && reachOf(nat);
      await shell.out(formatValue({ local, ...(nat && { nat, reach }), ...(life && { life }) }));
    } else {
      await tell(shell, localWords(local), nat, life);
    }
    return nat?.udp === false ? EXIT.failed : EXIT.ok;
  } catch (thrown) {
    if (shell.stop.aborted) return EXIT.interrupted;
    const { code } = tellFailure(shell, thrown, options.json);
    return code === "INVALID_ARGUMENT" ? EXIT.usage : EXIT.failed;
  }
}

async function tell(
  shell: Shell,
  local: readonly string[],
  nat: NatReport | undefined,
  life: MappingLife | undefined,
): Promise<void> {
  for (const line of local) await shell.out(line);
  if (nat === undefined) {
    await shell.out(
      "No STUN server is named, so nothing is known of the router; name one with --stun HOST:PORT.",
    );
    return;
  }
  for (const line of natWords(nat)) await shell.out(line);
  if (life !== undefined) await shell.out(mappingLifeWords(life));
}

/** Servers of one family over one fresh socket; where both are named, IPv4 says more. */
async function discovered(servers: readonly Endpoint[]): Promise<NatReport> {
  const ipv4 = servers.filter(({ host }) => !isIPv6(host));
  const asked = ipv4.length > 0 ? ipv4 : servers;
  const socket = await bindFor(asked);
  try {
    return await discoverNat(new BindingClient(socket, NODE_PLATFORM.clock), asked, isOwnAddress);
  } finally {
    await socket.close();
  }
}

async function lifeOf(
  { stop: signal }: Shell,
  nat: NatReport | undefined,
  servers: readonly Endpoint[],
  maxSeconds: number | undefined,
): Promise<MappingLife | undefined> {
  const server = servers.find((each) => nat?.silent.includes(each) === false);
  if (maxSeconds === undefined || server === undefined || !nat?.udp) return undefined;
  const surroundings = { clock: NODE_PLATFORM.clock, signal };
  return measureMappingLife(() => bindFor([server]), server, maxSeconds, surroundings);
}

function bindFor([first]: readonly Endpoint[]) {
  return bindUdp({ host: first && isIPv6(first.host) ? "::" : "0.0.0.0", port: 0 });
}

/** @throws `INVALID_ARGUMENT` for a server that is written wrongly */
function serversIn({ env }: Shell): readonly Endpoint[] {
  const named = env["SEALWIRE_STUN"]?.split(",").map((text) => text.trim()) ?? [];
  return named
    .filter((text) => text !== "")
    .map((text) => {
      const server = serverOf(text);
      if (server === undefined) throw misused(`SEALWIRE_STUN names "${text}". ${SERVER_FORM}`);
      return server;
    });
}

const SERVER_FORM = "A STUN server is HOST or HOST:PORT, with brackets around IPv6.";

function addServer(value: string, before: readonly Endpoint[] = []): readonly Endpoint[] {
  const server = serverOf(value);
  if (server === undefined) throw new InvalidArgumentError(SERVER_FORM);
  return [...before, server];
}

function serverOf(text: string): Endpoint | undefined {
  const parts = /^(?:\[([0-9a-f:.]+)\]|([^\s:[\]/@]+))(?::(\d{1,5}))?$/i.exec(text);
  const host = parts?.[1] ?? parts?.[2];
  const port = Number(parts?.[3] ?? STUN_PORT);
  return host !== undefined && port > 0 && port < 65_536 ? { host, port } : undefined;
}

function secondsOption(value: string): number {
  const seconds = Number(value);
  if (/^\d+$/.test(value) && seconds >= 1 && seconds <= MAX_LIFE_SECONDS) return seconds;
  throw new InvalidArgumentError(`It must be a whole number from 1 to ${MAX_LIFE_SECONDS}.`);
}
