import { createServer, type Server, type Socket } from "node:net";
import { Inbox } from "../../bytes/inbox.ts";
import type { Channel, Listener } from "../../core/contracts/transport.ts";
import { unlistenable } from "../../core/engine/system-errors.ts";
import { hostAndPort, showAddress } from "./address.ts";
import { lost } from "./failures.ts";
import type { TcpLimits } from "./options.ts";
import { SharedRead, withTap } from "./shared-read.ts";
import { SocketChannel } from "./socket-channel.ts";

/** Listens and yields a channel for each connection. Channels outlive their listener. */
export async function listen(
  address: URL,
  limits: TcpLimits,
  reads: SharedRead,
): Promise<Listener> {
  const arrivals = new Inbox<Channel>({ maxWaiting: limits.maxPending });
  const options = {
    allowHalfOpen: true,
    noDelay: true,
    pauseOnConnect: true,
    highWaterMark: limits.writeBufferBytes,
  };
  const server = createServer(options, (socket) => {
    if (arrivals.weight >= limits.maxPending) socket.destroy();
    else arrivals.put(channelOf(socket, limits, reads));
  });
  await listening(server, address);
  return {
    address: boundAddress(server, address),
    async close() {
      if (arrivals.ended) return;
      server.close();
      arrivals.end();
      for (const channel of arrivals.drain()) void channel.close(lost(channel.remote));
    },
    [Symbol.asyncIterator]: () => arrivals,
  };
}

function channelOf(accepted: Socket, limits: TcpLimits, reads: SharedRead): Channel {
  const tap = SharedRead.supported ? reads.tap() : undefined;
  const tapped = tap && withTap(accepted, tap, limits.writeBufferBytes);
  if (tapped === undefined) return new SocketChannel(accepted, { limits });
  return new SocketChannel(tapped, { limits, tap });
}

function listening(server: Server, address: URL): Promise<void> {
  const { host, port } = hostAndPort(address);
  return new Promise((resolve, reject) => {
    const onError = (error: Error) => reject(unlistenable(showAddress(host, port), error));
    server.once("error", onError);
    server.listen({ host, port }, () => {
      server.off("error", onError);
      // A connection that could not be accepted (no more descriptors) must not end the process.
      server.on("error", () => {});
      resolve();
    });
  });
}

function boundAddress(server: Server, asked: URL): URL {
  const bound = server.address();
  if (bound === null || typeof bound === "string") return asked;
  return new URL(`${asked.protocol}//${showAddress(bound.address, bound.port)}`);
}
