import type { Endpoint } from "../core/contracts/datagram-socket.ts";
import { addressBytes } from "./endpoint-bytes.ts";
import { type NatKind, natKind } from "./nat-kind.ts";
import type { ProbeSocket } from "./path.ts";
import { isProbe } from "./probe-seal.ts";
import { type Reach, reach } from "./reach.ts";
import type { ServiceAddress } from "./rendezvous-address.ts";
import { MAX_CANDIDATES } from "./sealed-offer.ts";
import { isServiceMessage } from "./service-datagram.ts";
import { ServiceLinks } from "./service-links.ts";
import type { PeerEndpoint, PeerNetwork, PeerSurroundings, SharedSocket } from "./surroundings.ts";

/** What both sides of a session stand on: a socket, what the world sees of it, and the service. */
export interface SessionGround {
  readonly endpoint: PeerEndpoint;
  /** The part of the socket for probes. */
  readonly probes: SharedSocket & ProbeSocket;
  readonly links: ServiceLinks;
  readonly reach: Reach;
  readonly nat: NatKind;
  readonly candidates: readonly Endpoint[];
  /** Where the world sees the socket now. */
  seen(): Endpoint | undefined;
  /** Told when the world is found to see it after all, where only a WebSocket got through before. */
  onSeen(told: () => void): void;
  close(): Promise<void>;
}

/** What a ground is made of. */
export interface GroundParts {
  readonly surroundings: PeerSurroundings;
  readonly address: ServiceAddress;
  readonly signal: AbortSignal;
  readonly expectsNoUdp?: boolean;
  readonly onSignal?: Parameters<ServiceLinks["to"]>[1];
  /** A socket is there. */
  readonly onBound?: (local: Endpoint) => void;
}

/** The second port of a service may be shut: not worth to wait for. */
const SECOND_PORT_MS = 250;

/** Binds a socket of its own for a session and finds out how it can be reached. */
export async function openGround(parts: GroundParts): Promise<SessionGround> {
  const { surroundings, address, signal, onSignal, expectsNoUdp = false } = parts;
  const { network, clock } = surroundings;
  const endpoint = bindAny(network);
  parts.onBound?.(endpoint.address);
  const links = new ServiceLinks(endpoint.share(isServiceMessage), clock);
  const session = endpoint.address;
  let toldSeen = () => {};
  const onLateUdp = () => toldSeen();
  try {
    const reaching = { surroundings, address, links, session, expectsNoUdp, onLateUdp, signal };
    const reached = await reach({ ...reaching, ...(onSignal && { onSignal }) });
    const first = reached.kind === "udp" ? reached.link.seen : undefined;
    const local = network
      .localAddresses()
      .filter((host) => addressBytes(host))
      .map((host) => ({ host, port: session.port }));
    const second = first && (await secondView(links, reached, address.port + 1));
    const candidates = first ? [first, ...local] : local;
    return {
      ...{ endpoint, links, reach: reached },
      probes: Object.assign(endpoint.share(isProbe), { number: 0 }),
      nat: natKind(local, first, second),
      candidates: unique(candidates).slice(0, MAX_CANDIDATES),
      seen: () => links.seen,
      onSeen(told) {
        toldSeen = told;
      },
      async close() {
        links.close();
        await Promise.all([reached.close(), endpoint.close()]);
      },
    };
  } catch (thrown) {
    links.close();
    await endpoint.close();
    throw thrown;
  }
}

/** Binds any port, for both families where the machine has them. */
export function bindAny(network: PeerNetwork): PeerEndpoint {
  try {
    return network.bind({ host: "::", port: 0 });
  } catch {
    return network.bind({ host: "0.0.0.0", port: 0 });
  }
}

/** What the service sees of us at its second port. */
async function secondView(
  links: ServiceLinks,
  { through }: Reach,
  port: number,
): Promise<Endpoint | undefined> {
  if (!through) return undefined;
  const link = links.to({ host: through.host, port });
  await link.ask({ kind: "hello" }, SECOND_PORT_MS).catch(() => undefined);
  return link.seen;
}

function unique(endpoints: readonly Endpoint[]): readonly Endpoint[] {
  const byKey = new Map(endpoints.map((each) => [`${each.host}|${each.port}`, each]));
  return [...byKey.values()];
}
