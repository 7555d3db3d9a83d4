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

/** The IP address of a service, looked up when it is a name. */
export async function serviceEndpoint(
  { host, port }: ServiceAddress,
  network: PeerNetwork,
): Promise<Endpoint> {
  return { host: addressBytes(host) ? host : await network.resolve(host), port };
}

const KNOWN: ReadonlySet<string> = new Set(["udp:", "ws:", "wss:"]);

function unreadable(): SealwireError {
  const message =
    "this is no address of a rendezvous or relay; expected one such as udp://192.0.2.1:3478 or " +
    "wss://example.org/";
  return new SealwireError("INVALID_ARGUMENT", message);
}
