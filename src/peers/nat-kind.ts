import type { Endpoint } from "../core/contracts/datagram-socket.ts";

/**
 * What the translation of addresses between a socket and the world does with its port.
 * `none`: there is none. `same`: one outside port for all. `counting`: the next one for each new
 * destination. `random`: any. `unknown`: nobody outside could be asked.
 */
export type NatKind = "unknown" | "none" | "same" | "counting" | "random";

/** By the number each has on the wire. */
export const NAT_KINDS: readonly NatKind[] = Object.freeze([
  "unknown",
  "none",
  "same",
  "counting",
  "random",
]);

/** So far apart two ports may be that were given one after the other. */
const MAX_STEP = 16;

/** Judges what two services have seen of one socket, in the order in which they were asked. */
export function natKind(
  local: readonly Endpoint[],
  first: Endpoint | undefined,
  second: Endpoint | undefined,
): NatKind {
  if (!first) return "unknown";
  if (local.some(({ host, port }) => host === first.host && port === first.port)) return "none";
  if (!second || (second.host === first.host && second.port === first.port)) return "same";
  const step = Math.abs(second.port - first.port);
  return second.host === first.host && step <= MAX_STEP ? "counting" : "random";
}

/** Whether an address that one destination has seen says nothing about others. */
export function isHard(kind: NatKind): boolean {
  return kind === "counting" || kind === "random";
}
