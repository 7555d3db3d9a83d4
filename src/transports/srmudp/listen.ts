import { Inbox } from "../../bytes/inbox.ts";
import type { DatagramSocket } from "../../core/contracts/datagram-socket.ts";
import type { Channel, Listener } from "../../core/contracts/transport.ts";
import { endpointText } from "../../core/engine/endpoint-text.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { bindUdp } from "../udp/datagram-socket.ts";
import { parseAddress } from "./address.ts";
import { Arrivals } from "./arrivals.ts";
import type { SrmudpSettings } from "./options.ts";
import { resolveEndpoint } from "./resolve-endpoint.ts";

/** Waits at an address for whoever comes; all peers share the one socket. */
export async function listen(address: URL, settings: SrmudpSettings): Promise<Listener> {
  const { remote: here } = parseAddress(address);
  const socket = await bindUdp(await resolveEndpoint(here));
  const channels = new Inbox<Channel>({ maxWaiting: settings.maxPending });
  const arrivals = new Arrivals(socket, settings, channels);
  socket.receive((bytes, from) => arrivals.receive(bytes, from));
  return {
    address: urlOf(socket),
    async close() {
      if (channels.ended) return;
      channels.end();
      const { href } = urlOf(socket);
      const reason = new SealwireError("UNAVAILABLE", `${href} is not listening any more`);
      for (const channel of channels.drain()) void channel.close(reason);
      await arrivals.close(reason);
    },
    [Symbol.asyncIterator]: () => channels,
  };
}

function urlOf({ address }: DatagramSocket): URL {
  return new URL(`srmudp://${endpointText(address)}`);
}
