import { lookup } from "node:dns/promises";
import type { Endpoint } from "../core/contracts/datagram-socket.ts";
import { SealwireError } from "../core/model/errors.ts";
import type { GatewaySettings } from "./options.ts";

/** The configured servers as they were written, for lists. */
export function listedStunServers(
  settings: Pick<GatewaySettings, "stunServers">,
): readonly Endpoint[] {
  return settings.stunServers.map(parseServer);
}

/**
 * Finds the addresses of the configured STUN servers, anew each time; no other is ever asked.
 *
 * @throws `INVALID_ARGUMENT` when one is not `host:port`; what is returned throws `UNAVAILABLE`
 * when there is none.
 */
export function stunServers(
  settings: Pick<GatewaySettings, "stunServers" | "lookup">,
): () => Promise<readonly Endpoint[]> {
  const servers = listedStunServers(settings);
  const find = settings.lookup ?? (async (name: string) => [(await lookup(name)).address]);
  return async () => {
    const found = await Promise.all(
      servers.map(async ({ host, port }) => {
        const [address] = await find(host).catch(() => []);
        return address === undefined ? [] : [{ host: address, port }];
      }),
    );
    const endpoints = found.flat();
    if (endpoints.length > 0) return endpoints;
    const message = "no STUN server is configured, or none has an address; see stunServers";
    throw new SealwireError("UNAVAILABLE", message);
  };
}

function parseServer(text: string): Endpoint {
  const [, bracketed, open, port = "3478"] =
    /^(?:stun:)?(?:\[([^\]]+)\]|([^:[\]\s]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const host = bracketed ?? open;
  if (host !== undefined && Number(port) <= 65_535) return { host, port: Number(port) };
  const message = `stunServers has ${JSON.stringify(text)}; write host:port`;
  throw new SealwireError("INVALID_ARGUMENT", message);
}
