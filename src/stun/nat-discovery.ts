import type { Endpoint } from "../core/contracts/datagram-socket.ts";
import type { Binding, BindingClient } from "./binding-client.ts";

/** How a router chooses the outside port of a socket: RFC 4787, section 4.1. */
export type MappingBehaviour =
  /** There is no translation. */
  | "none"
  /** One port for every destination: others can be told of it. */
  | "endpoint-independent"
  /** Another for each destination address. */
  | "address-dependent"
  /** Another for each destination address and port. */
  | "address-and-port-dependent"
  /** More than one, but not known which of the two above. */
  | "dependent"
  | "unknown";

/** Who may send to a mapped port: RFC 4787, section 5. */
export type FilteringBehaviour =
  | "endpoint-independent"
  | "address-dependent"
  | "address-and-port-dependent"
  | "unknown";

/** What was found out about the way to the outside. */
export interface NatReport {
  /** Whether any STUN server answered. */
  readonly udp: boolean;
  readonly mapping: MappingBehaviour;
  readonly filtering: FilteringBehaviour;
  /** Our own addresses as the servers saw them. */
  readonly mapped: readonly Endpoint[];
  /** Servers that gave no answer. */
  readonly silent: readonly Endpoint[];
}

/**
 * Finds out how the router in front of a socket maps and filters. With a server that tells another
 * address of itself (RFC 5780, sections 4.3 and 4.4) fully; otherwise mapping alone, by comparing
 * what two servers saw. `isOwn` says whether an address is one of this machine.
 */
export async function discoverNat(
  client: BindingClient,
  servers: readonly Endpoint[],
  isOwn: (mapped: Endpoint) => boolean,
): Promise<NatReport> {
  const answers = await Promise.all(servers.map((server) => asked(client, server)));
  const silent = servers.filter((_, at) => answers[at] === undefined);
  const bindings = answers.filter((answer) => answer !== undefined);
  const [first, second] = bindings;
  const mapped = bindings.map((binding) => binding.mapped);
  if (first === undefined) {
    return { udp: false, mapping: "unknown", filtering: "unknown", mapped, silent };
  }
  const full = bindings.find(({ other }) => other !== undefined) ?? first;
  const mapping = isOwn(first.mapped) ? "none" : await mappingOf(client, full, first, second);
  return { udp: true, mapping, filtering: await filteringOf(client, full), mapped, silent };
}

/** RFC 5780, section 4.3; without a second address, by two servers. */
async function mappingOf(
  client: BindingClient,
  full: Binding,
  first: Binding,
  second: Binding | undefined,
): Promise<MappingBehaviour> {
  const { other } = full;
  if (other === undefined) {
    if (second === undefined) return "unknown";
    return same(first, second) ? "endpoint-independent" : "dependent";
  }
  const otherHost = await asked(client, { host: other.host, port: full.from.port });
  if (otherHost === undefined) return "unknown";
  if (same(full, otherHost)) return "endpoint-independent";
  const otherBoth = await asked(client, other);
  if (otherBoth === undefined) return "dependent";
  return same(otherHost, otherBoth) ? "address-dependent" : "address-and-port-dependent";
}

/** RFC 5780, section 4.4. */
async function filteringOf(client: BindingClient, full: Binding): Promise<FilteringBehaviour> {
  if (full.other === undefined) return "unknown";
  const fromElsewhere = await asked(client, full.from, { host: true, port: true });
  if (fromElsewhere !== undefined) return "endpoint-independent";
  const fromOtherPort = await asked(client, full.from, { host: false, port: true });
  return fromOtherPort === undefined ? "address-and-port-dependent" : "address-dependent";
}

function asked(
  client: BindingClient,
  server: Endpoint,
  change?: { readonly host: boolean; readonly port: boolean },
): Promise<Binding | undefined> {
  return client.ask(server, change && { change }).catch(() => undefined);
}

function same(one: Binding, other: Binding): boolean {
  return one.mapped.host === other.mapped.host && one.mapped.port === other.mapped.port;
}
