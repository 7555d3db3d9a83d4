import type { Metadata } from "../model/message.ts";
import type { Peer, Principal } from "../model/peer.ts";
import { fieldsOf } from "./fields.ts";

/**
 * The entry of the metadata that tells who calls where a server hands a call on: to a worker, to
 * another node. It is believed because that server says it; what a caller writes there falls.
 */
export const CALLER = "$caller";

/** What of a peer is told beside who it is. */
export type CallingPeer = Pick<Peer, "id" | "remote" | "dialect">;

/** Metadata that is handed on: the caller's own, and who it is. */
export function withCaller(
  meta: Metadata,
  principal: Principal | undefined,
  peer?: CallingPeer,
): Metadata {
  const { [CALLER]: _claimed, ...rest } = meta;
  if (!principal && !peer) return rest;
  const { id, scopes, expiresAt } = principal ?? {};
  const known = { id, ...(scopes && { scopes: [...scopes] }), expiresAt };
  const from = peer && { id: peer.id, remote: peer.remote, dialect: peer.dialect };
  return { ...rest, [CALLER]: JSON.stringify({ ...known, ...(from && { peer: from }) }) };
}

/** Takes the metadata apart again. */
export function readCaller(meta: Metadata): {
  readonly meta: Metadata;
  readonly principal: Principal | undefined;
  readonly peer?: CallingPeer;
} {
  const { [CALLER]: text, ...rest } = meta;
  const told = text === undefined ? {} : fieldsFrom(text);
  const peer = peerFrom(told["peer"]);
  return { meta: rest, principal: principalFrom(told), ...(peer && { peer }) };
}

function fieldsFrom(text: string): Readonly<Record<string, unknown>> {
  try {
    return fieldsOf(JSON.parse(text));
  } catch {
    return {};
  }
}

function principalFrom(told: Readonly<Record<string, unknown>>): Principal | undefined {
  const { id, scopes, expiresAt } = told;
  if (typeof id !== "string" && typeof id !== "number") return undefined;
  const given: readonly unknown[] = Array.isArray(scopes) ? scopes : [];
  return {
    id,
    scopes: new Set(given.filter((scope) => typeof scope === "string")),
    ...(typeof expiresAt === "number" && { expiresAt }),
  };
}

function peerFrom(value: unknown): CallingPeer | undefined {
  const { id, remote, dialect } = fieldsOf(value);
  if (typeof id !== "string" || typeof remote !== "string") return undefined;
  return { id, remote, dialect: String(dialect) };
}
