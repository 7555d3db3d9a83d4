import { lookup } from "node:dns/promises";
import { isIP, SocketAddress } from "node:net";
import type { Endpoint } from "../../core/contracts/datagram-socket.ts";
import { SealwireError } from "../../core/model/errors.ts";

/**
 * The endpoint with an IP address in the one form in which sockets show it; a name is looked up.
 *
 * @throws `UNAVAILABLE` for a name that nobody knows, `INVALID_ARGUMENT` for a port that is none
 */
export async function resolveEndpoint({ host, port }: Endpoint): Promise<Endpoint> {
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new SealwireError("INVALID_ARGUMENT", `${port} is no port; expected 0 to 65535`);
  }
  if (isIP(host) !== 0) return { host: canonical(host), port };
  try {
    const { address } = await lookup(host);
    return { host: canonical(address), port };
  } catch (cause) {
    const message = `nobody knows the name ${JSON.stringify(host)}; is it spelled right?`;
    throw new SealwireError("UNAVAILABLE", message, { cause });
  }
}

/** Any port at the unspecified address of the same family: the system chooses. */
export function anyEndpoint({ host }: Endpoint): Endpoint {
  return { host: host.includes(":") ? "::" : "0.0.0.0", port: 0 };
}

function canonical(host: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(host);
  if (mapped?.[1] !== undefined) return mapped[1];
  if (!host.includes(":")) return host;
  const [plain = host, zone] = host.split("%");
  const { address } = new SocketAddress({ address: plain, family: "ipv6" });
  return zone === undefined ? address : `${address}%${zone}`;
}
