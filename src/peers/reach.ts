import type { DatagramSocket, Endpoint } from "../core/contracts/datagram-socket.ts";
import { type ServiceAddress, serviceEndpoints } from "./rendezvous-address.ts";
import type { Forwarded, ServiceLink } from "./service-link.ts";
import type { ServiceLinks } from "./service-links.ts";
import type { PeerSurroundings } from "./surroundings.ts";
import { unlessAborted } from "./unless-aborted.ts";
import { bridgeWebSocket } from "./web-socket-bridge.ts";

/** A service that answers, and how. */
export interface Reach {
  readonly kind: "udp" | "ws";
  readonly link: ServiceLink;
  /** Where datagrams go that the relay of this service shall pass on. */
  readonly through: Endpoint | undefined;
  close(): Promise<void>;
}

/** What is needed to reach a service. */
export interface Reaching {
  readonly surroundings: PeerSurroundings;
  readonly address: ServiceAddress;
  /** Links over the socket that is to be seen by the service. */
  readonly links: ServiceLinks;
  /** The socket of a session on loopback, if datagrams shall pass through. */
  readonly session?: Endpoint;
  readonly onSignal?: (signal: Forwarded) => void;
  /** The service was lost; only a WebSocket can tell. */
  readonly onEnd?: () => void;
  /** UDP has answered after all, when the WebSocket was in use already. */
  readonly onLateUdp?: () => void;
  /** UDP is known to be of no use here: the WebSocket is opened at once beside it. */
  readonly expectsNoUdp?: boolean;
  readonly signal: AbortSignal;
}

/** So long UDP is alone, because a WebSocket costs the service more. */
const UDP_FIRST_MS = 400;
const REACH_MS = 8_000;
/** So long an address is alone before the next one of the same service is tried. */
const NEXT_PLACE_MS = 250;

/**
 * Reaches a service by UDP, or by WebSocket where that does not answer soon.
 *
 * @throws `UNAVAILABLE` when neither does
 */
export function reach(reaching: Reaching): Promise<Reach> {
  return unlessAborted(firstOf(reaching), reaching.signal, (late) => void late.close());
}

async function firstOf(reaching: Reaching): Promise<Reach> {
  if (reaching.address.webSocketOnly) return byWebSocket(reaching);
  const udp = byUdp(reaching);
  // Told below, when the WebSocket has failed as well.
  udp.catch(() => {});
  const waitMs = reaching.expectsNoUdp ? 0 : UDP_FIRST_MS;
  const early = await Promise.race([udp, after(reaching, waitMs)]).catch(() => undefined);
  if (early) return early;
  const webSocket = byWebSocket(reaching);
  const first = await Promise.any([udp, webSocket]).catch(() => undefined);
  if (!first) return udp;
  if (first.kind === "udp") void webSocket.then((late) => late.close()).catch(() => {});
  else udp.then(() => reaching.onLateUdp?.()).catch(() => {});
  return first;
}

/** A name may have addresses of both families, of which one leads nowhere (RFC 8305, section 5). */
async function byUdp(reaching: Reaching): Promise<Reach> {
  const { surroundings, address, signal } = reaching;
  const places = await serviceEndpoints(address, surroundings.network);
  signal.throwIfAborted();
  let found: Reach | undefined;
  const tries = places.map(async (place, at) => {
    if (at > 0) await after(reaching, at * NEXT_PLACE_MS);
    if (found) return found;
    const reached = await byUdpAt(reaching, place);
    found ??= reached;
    return found;
  });
  try {
    return await Promise.any(tries);
  } catch (thrown) {
    throw thrown instanceof AggregateError ? thrown.errors[0] : thrown;
  }
}

async function byUdpAt({ links, onSignal }: Reaching, through: Endpoint): Promise<Reach> {
  const link = links.to(through, onSignal);
  await link.ask({ kind: "hello" }, REACH_MS);
  return { kind: "udp", link, through, close: async () => {} };
}

async function byWebSocket(reaching: Reaching): Promise<Reach> {
  const { surroundings, address, session, onSignal, onEnd, signal } = reaching;
  const { network, clock } = surroundings;
  const channel = await network.openWebSocket(address.webSocket, { signal });
  channel.text = false;
  const loopback = session && (await loopbackTo(reaching, session));
  const bridge = bridgeWebSocket({
    ...{ clock, channel },
    ...(loopback && { loopback }),
    ...(onSignal && { onSignal }),
    ...(onEnd && { onEnd }),
  });
  try {
    await bridge.link.ask({ kind: "hello" }, REACH_MS);
  } catch (thrown) {
    await bridge.close();
    throw thrown;
  }
  const through = loopback?.socket.address;
  return { kind: "ws", link: bridge.link, through, close: () => bridge.close() };
}

async function loopbackTo(
  { surroundings }: Reaching,
  { port }: Endpoint,
): Promise<{ readonly socket: DatagramSocket; readonly peer: Endpoint }> {
  const socket = await surroundings.network.bindDatagrams({ host: LOOPBACK, port: 0 });
  return { socket, peer: { host: LOOPBACK, port } };
}

const LOOPBACK = "127.0.0.1";

function after({ surroundings }: Reaching, ms: number): Promise<undefined> {
  return new Promise((resolve) => {
    surroundings.clock.after(ms, () => resolve(undefined));
  });
}
