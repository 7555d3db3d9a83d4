import type { Clock } from "../../core/contracts/clock.ts";
import { BoundEndpoint } from "./bound-endpoint.ts";
import { ChannelTable } from "./channel-table.ts";
import type { UdpNetwork } from "./endpoint-types.ts";
import { unbindable } from "./failures.ts";
import { type UdpOptions, udpLimits } from "./options.ts";
import { createUdx, type UdxSocket } from "./udx.ts";

/**
 * Endpoints whose channels may move between them.
 *
 * @throws `UNSUPPORTED` where `udx-native` is not installed, `INVALID_ARGUMENT` for an option that
 * makes no sense
 */
export function udpNetwork(options: UdpOptions = {}, clock: Clock = MACHINE_CLOCK): UdpNetwork {
  const limits = udpLimits(options);
  const table = new ChannelTable(createUdx(), { limits, clock });
  return {
    bind({ host, port }) {
      const socket = table.udx.createSocket();
      try {
        socket.bind(port, host);
      } catch (cause) {
        throw unbindable({ host, port }, cause);
      }
      enlarge(socket, limits.socketBufferBytes);
      return new BoundEndpoint(socket, table);
    },
  };
}

/** An open socket keeps the process alive; timers need not. */
const MACHINE_CLOCK: Clock = Object.freeze({
  now: () => Date.now(),
  after(ms: number, run: () => void) {
    const timer = setTimeout(run, ms).unref();
    return () => clearTimeout(timer);
  },
});

function enlarge(socket: UdxSocket, bytes: number): void {
  try {
    socket.setRecvBufferSize(bytes);
    socket.setSendBufferSize(bytes);
  } catch {
    // Systems that refuse instead of giving less: the default has to do.
  }
}
