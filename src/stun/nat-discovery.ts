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
 *
 * The socket must be fresh: a router lets in those who were sent to before.
 */
export async function discoverNat(
  client: BindingClient,
  servers: readonly Endpoint[],
  isOwn: (mapped: Endpoint) => boolean,
): Promise<NatReport> {
  const found: Found = { bindings: [], silent: [], filtering: "unknown" };
  // One after the other: asking a server's second address would open the filter for it.
  for (const server of servers) await visit(client, server, found);
  const { bindings, silent, filtering } = found;
  const [first, second] = bindings;
  const mapped = bindings.map((binding) => binding.mapped);
  if (first === undefined) return { udp: false, mapping: "unknown", filtering, mapped, silent };
  const full = bindings.find(({ other }) => other !== undefined) ?? first;
  const mapping = isOwn(first.mapped) ? "none" : await mappingOf(client, full, first, second);
  return { udp: true, mapping, filtering, mapped, silent };
}

interface Found {
  readonly bindings: Binding[];
  readonly silent: Endpoint[];
  filtering: FilteringBehaviour;
}

/** Asks a server; the first of those that have a second address tests the filter at once. */
async function visit(client: BindingClient, server: Endpoint, found: Found): Promise<void> {
  const binding = await asked(client, server);
  if (binding === undefined) {
    found.silent.push(server);
    return;
  }
  const untested = found.bindings.every(({ other }) => other === undefined);
  found.bindings.push(binding);
  if (untested && binding.other !== undefined) found.filtering = await filteringOf(client, binding);
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
