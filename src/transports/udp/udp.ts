import { isIPv6 } from "node:net";
import type { Channel, Listener, Transport } from "../../core/contracts/transport.ts";
import { endpointText } from "../../core/engine/endpoint-text.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { endpointOf, resolved } from "./address.ts";
import { udpNetwork } from "./bind.ts";
import type { UdpNetwork } from "./endpoint-types.ts";
import { type UdpOptions, udpLimits } from "./options.ts";

/**
 * Channels over UDP by `udx-native`, under addresses such as `udp://127.0.0.1:7000` and
 * `udp://[::]:0` (all interfaces, IPv6 and IPv4, any free port). Channels outlive a change of the
 * peer's address. Nothing is encrypted by the transport itself.
 *
 * @throws `INVALID_ARGUMENT` for an option that makes no sense. A missing `udx-native` is told
 * when it is first needed, by `UNSUPPORTED`.
 */
export function udp(options: UdpOptions = {}): Transport {
  udpLimits(options);
  let made: UdpNetwork | undefined;
  const network = () => {
    made ??= udpNetwork(options);
    return made;
  };
  return {
    scheme: "udp",
    connect: (address, { signal }) => connect(network, address, signal),
    listen: (address) => listen(network, address),
  };
}

/** A socket for each channel: to the other side each is a place of its own. */
async function connect(
  network: () => UdpNetwork,
  address: URL,
  signal: AbortSignal,
): Promise<Channel> {
  if (signal.aborted) throw SealwireError.from(signal.reason, "CANCELLED");
  const remote = await resolved(endpointOf(address));
  const endpoint = network().bind({ host: isIPv6(remote.host) ? "::" : "0.0.0.0", port: 0 });
  try {
    return await endpoint.open(remote, { signal });
  } finally {
    // The socket stays as long as its channel.
    void endpoint.close();
  }
}

async function listen(network: () => UdpNetwork, address: URL): Promise<Listener> {
  const endpoint = network().bind(await resolved(endpointOf(address)));
  const arrivals = endpoint.accept();
  return {
    address: new URL(`${address.protocol}//${endpointText(endpoint.address)}`),
    async close() {
      arrivals.close();
      const closing = endpoint.close();
      // Channels outlive their listener, and the socket lives as long as they.
      if (endpoint.channels === 0) await closing;
    },
    [Symbol.asyncIterator]: () => arrivals[Symbol.asyncIterator](),
  };
}
