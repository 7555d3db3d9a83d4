import type { Endpoint } from "../core/contracts/datagram-socket.ts";
import { isLocalIp } from "../stun/ip-address.ts";
import { endpointKey } from "./endpoint-bytes.ts";

/** How datagrams of a path travel. */
export type PathKind = "direct" | "relay-udp" | "relay-ws";

/** What sends the probes of a path; an endpoint of the transport, or one of many for a try. */
export interface ProbeSocket {
  /** Tells the sockets of one session apart. */
  readonly number: number;
  send(bytes: Uint8Array, to: Endpoint, ttl?: number): void;
}

/** One way between two sockets, and what is known of it. */
export interface Path {
  readonly socket: ProbeSocket;
  readonly remote: Endpoint;
  readonly kind: PathKind;
  /** Of the last answers: falls at once and rises slowly. */
  rttMs: number | undefined;
  /** When the last answer came. */
  answeredMs: number | undefined;
}

/** A path is believed in for so long after its last answer: two heartbeats that were missed. */
export const TRUST_MS = 6_500;

/** A relay costs somebody else: a direct path is taken unless it is a good deal slower. */
const RELAY_FACTOR = 1.5;
const RELAY_PENALTY_MS = 50;
const IPV6_BONUS_MS = 5;
/** The way inside a network does not need its router, and goes on when that is gone. */
const INSIDE_BONUS_MS = 5;
/** A path must be so much better to take the place of one that works. */
const HYSTERESIS = 0.8;

/** One text for each path of a session. */
export function pathKey({ number }: ProbeSocket, remote: Endpoint): string {
  return `${number}|${endpointKey(remote)}`;
}

/** Whether it has answered lately. */
export function isAlive({ answeredMs }: Path, nowMs: number): boolean {
  return answeredMs !== undefined && nowMs - answeredMs <= TRUST_MS;
}

/** Whether a path that answers should take the place of another. */
export function isBetter(path: Path, than: Path): boolean {
  if (path.kind === "direct" && than.kind !== "direct") return score(path) < score(than);
  return score(path) + MIN_GAIN_MS < score(than) * HYSTERESIS;
}

/** The best of several; `undefined` of none. */
export function bestOf(paths: readonly Path[]): Path | undefined {
  const [best] = paths.toSorted((a, b) => (isBetter(a, b) ? -1 : isBetter(b, a) ? 1 : 0));
  return best;
}

/** Between paths of less than so much difference it is not worth to move. */
const MIN_GAIN_MS = 2;

function score({ rttMs = Number.POSITIVE_INFINITY, kind, remote }: Path): number {
  const costMs = kind === "direct" ? rttMs : rttMs * RELAY_FACTOR + RELAY_PENALTY_MS;
  const isInside = kind === "direct" && isLocalIp(remote.host);
  return (
    costMs - (remote.host.includes(":") ? IPV6_BONUS_MS : 0) - (isInside ? INSIDE_BONUS_MS : 0)
  );
}
