import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import type { Endpoint } from "../../core/contracts/datagram-socket.ts";
import { endpointText } from "../../core/engine/endpoint-text.ts";
import { SealwireError } from "../../core/model/errors.ts";

/** @throws `INVALID_ARGUMENT` when the address lacks host or port, or has what UDP cannot use. */
export function endpointOf(address: URL): Endpoint {
  const beside = address.username + address.password + address.search + address.hash;
  const path = address.pathname === "/" ? "" : address.pathname;
  if (address.hostname === "" || address.port === "" || beside !== "" || path !== "") {
    // The address is not shown as it is: it may hold a password.
    throw new SealwireError(
      "INVALID_ARGUMENT",
      `the address at ${address.host || "no host"} cannot be used; ` +
        "expected host and port and nothing else, such as udp://127.0.0.1:7000",
    );
  }
  return { host: address.hostname.replace(/^\[|\]$/g, ""), port: Number(address.port) };
}

/**
 * The same place with a literal address for a name.
 *
 * @throws `UNAVAILABLE` for a name that nobody knows
 */
export async function resolved({ host, port }: Endpoint): Promise<Endpoint> {
  if (isIP(host) !== 0) return { host, port };
  try {
    return { host: (await lookup(host)).address, port };
  } catch (cause) {
    const message = `nobody knows the name of ${endpointText({ host, port })}; is it right?`;
    throw new SealwireError("UNAVAILABLE", message, { cause });
  }
}

/** Whether two are the same place. */
export function sameEndpoint(one: Endpoint, other: Endpoint): boolean {
  return one.port === other.port && one.host === other.host;
}
