import type { Endpoint } from "../core/contracts/datagram-socket.ts";
import { SealwireError } from "../core/model/errors.ts";
import { addressBytes } from "./endpoint-bytes.ts";
import type { PeerNetwork } from "./surroundings.ts";

/** Where services listen that do not say otherwise; STUN has it too (RFC 8489, section 18.6). */
export const SERVICE_PORT = 3_478;

/** A rendezvous or relay, as it was written. */
export interface ServiceAddress {
  readonly host: string;
  readonly port: number;
  /** For networks without UDP. */
  readonly webSocket: URL;
  /** Written as ws: or wss:, so that UDP is not tried. */
  readonly webSocketOnly: boolean;
}

/**
 * Reads `udp://host:port`, `host:port`, or `wss://host/path` for WebSocket alone.
 *
 * @throws `INVALID_ARGUMENT` for anything else
 */
export function serviceAddress(text: string): ServiceAddress {
  const written = text.includes("://") ? text : `udp://${text}`;
  // Only of schemes that it knows does the URL parser read hosts and ports in one way.
  const readable = written.replace(/^udp:/i, "ws:");
  if (!URL.canParse(written) || !URL.canParse(readable)) throw unreadable();
  const [url, known] = [new URL(written), new URL(readable)];
  if (!KNOWN.has(url.protocol) || known.hostname === "") throw unreadable();
  const host = known.hostname.replace(/^\[|\]$/g, "");
  const webSocketOnly = url.protocol !== "udp:";
  if (webSocketOnly) return { host, port: SERVICE_PORT, webSocket: known, webSocketOnly };
  // Port 80 is the one that ws: leaves out.
  const port = Number(url.port || SERVICE_PORT);
  const webSocket = new URL(`ws://${known.hostname}:${port}/`);
  return { host, port, webSocket, webSocketOnly };
}

/** However many a name has. */
const MAX_PLACES = 4;

/** Where a service may be, in the order in which to try, looked up when it is a name. @throws `UNAVAILABLE` for an unknown name */
export async function serviceEndpoints(
  { host, port }: ServiceAddress,
  network: Pick<PeerNetwork, "resolve">,
): Promise<readonly Endpoint[]> {
  const hosts = addressBytes(host) ? [host] : inTurn(await network.resolve(host));
  if (hosts.length === 0) throw new SealwireError("UNAVAILABLE", `${host} has no address`);
  return hosts.slice(0, MAX_PLACES).map((each) => ({ host: each, port }));
}

/**
 * The families by turns, lest one that leads nowhere takes all room (RFC 8305, section 4). IPv4 comes
 * first: there the world sees us by an address that we cannot know ourselves.
 */
function inTurn(hosts: readonly string[]): readonly string[] {
  const six = hosts.filter((host) => host.includes(":"));
  const four = hosts.filter((host) => !host.includes(":"));
  return hosts.flatMap((_, at) => [...four.slice(at, at + 1), ...six.slice(at, at + 1)]);
}

const KNOWN: ReadonlySet<string> = new Set(["udp:", "ws:", "wss:"]);

function unreadable(): SealwireError {
  const message =
    "this is no address of a rendezvous or relay; expected one such as udp://192.0.2.1:3478 or " +
    "wss://example.org/";
  return new SealwireError("INVALID_ARGUMENT", message);
}
