import type { Metadata } from "../../core/model/message.ts";
import type { Principal } from "../../core/model/peer.ts";

/**
 * The entry of the metadata that tells a worker who calls. A worker believes it because the broker
 * says it, whose key the worker knows; what a caller writes there never reaches a worker.
 */
export const CALLER = "$caller";

/** The metadata for a worker: the caller's own, and who it is. */
export function withCaller(meta: Metadata, principal: Principal | undefined): Metadata {
  const { [CALLER]: _claimed, ...rest } = meta;
  if (!principal) return rest;
  const { id, scopes } = principal;
  return { ...rest, [CALLER]: JSON.stringify({ id, scopes: [...scopes] }) };
}

/** Takes the metadata apart again. */
export function readCaller(meta: Metadata): {
  readonly meta: Metadata;
  readonly principal: Principal | undefined;
} {
  const { [CALLER]: text, ...rest } = meta;
  return { meta: rest, principal: text === undefined ? undefined : principalFrom(text) };
}

function principalFrom(text: string): Principal | undefined {
  try {
    const { id, scopes }: Readonly<Record<string, unknown>> = Object(JSON.parse(text));
    if (typeof id !== "string" && typeof id !== "number") return undefined;
    const given: readonly unknown[] = Array.isArray(scopes) ? scopes : [];
    return { id, scopes: new Set(given.filter((scope) => typeof scope === "string")) };
  } catch {
    return undefined;
  }
}
