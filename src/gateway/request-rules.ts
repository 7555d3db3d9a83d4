import type { IncomingHttpHeaders } from "node:http";
import { isIP } from "node:net";
import { SealwireError } from "../core/model/errors.ts";
import { originAllowed } from "../transports/websocket/origin.ts";

/** From which pages and under which names the proxy may be used. */
export interface RequestRules {
  readonly allowedOrigins: readonly string[] | "any";
  readonly allowedHosts: readonly string[];
}

/**
 * Refuses pages of other origins, and names that are not the proxy's: a page can let its own name
 * point at any address, and would then be of the same origin as the proxy (DNS rebinding).
 *
 * @throws `PERMISSION_DENIED` naming the option that would allow it.
 */
export function checkRequest(headers: IncomingHttpHeaders, rules: RequestRules): void {
  const { origin, host } = headers;
  if (!hostKnown(host, rules.allowedHosts)) {
    const message = "this proxy does not answer to that name; see allowedHosts";
    throw new SealwireError("PERMISSION_DENIED", message);
  }
  if (originAllowed(origin, host, rules.allowedOrigins)) return;
  const message = "pages of this origin may not use the proxy; see allowedOrigins";
  throw new SealwireError("PERMISSION_DENIED", message);
}

/** Nobody but its owner decides where an address leads, so addresses are always right. */
function hostKnown(host: string | undefined, allowed: readonly string[]): boolean {
  if (host === undefined || !URL.canParse(`http://${host}`)) return false;
  const { hostname } = new URL(`http://${host}`);
  if (hostname === "localhost" || isIP(hostname.replace(/^\[|\]$/g, "")) !== 0) return true;
  return allowed.some((name) => name.toLowerCase() === hostname);
}
