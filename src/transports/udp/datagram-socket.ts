import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { isIP, isIPv6 } from "node:net";
import type { DatagramSocket, Endpoint } from "../../core/contracts/datagram-socket.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { unbindable } from "./failures.ts";

/**
 * What the kernel may hold in each direction. A burst that arrives while we compute is lost beyond
 * it. The kernel takes less in silence where its own limit (`net.core.rmem_max`) is lower.
 */
const BUFFER_BYTES = 4 * 1_048_576;

/**
 * Binds a UDP socket of Node. The host is an IPv4 or IPv6 address of this machine; `::` takes both
 * families, and IPv4 peers then still show their IPv4 address (RFC 4291 section 2.5.5.2).
 *
 * @throws `ALREADY_EXISTS` when the port is taken, `INVALID_ARGUMENT` for an address that is not
 * of this machine.
 */
export async function bindUdp(endpoint: Endpoint): Promise<DatagramSocket> {
  if (isIP(endpoint.host) === 0) throw noAddress(endpoint.host);
  const type = isIPv6(endpoint.host) ? "udp6" : "udp4";
  const socket = createSocket({ type, lookup: literal });
  await bound(socket, endpoint);
  enlarge(socket);
  return datagramSocket(socket, type === "udp6");
}

/** Addresses are literal already: nothing to look up, and no turn lost for each datagram. */
function literal(
  host: string,
  family: unknown,
  done: (error: Error | null, address: string, family: number) => void,
): void {
  done(null, host, family === 6 ? 6 : 4);
}

function bound(socket: Socket, endpoint: Endpoint): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (cause: Error) => {
      socket.close();
      reject(unbindable(endpoint, cause));
    };
    socket.once("error", onError);
    socket.bind({ address: endpoint.host, port: endpoint.port, exclusive: true }, () => {
      // Later errors are those of single datagrams (ICMP answers), which are simply lost.
      socket.off("error", onError).on("error", () => {});
      resolve();
    });
  });
}

function enlarge(socket: Socket): void {
  try {
    socket.setRecvBufferSize(BUFFER_BYTES);
    socket.setSendBufferSize(BUFFER_BYTES);
  } catch {
    // Systems that refuse instead of giving less: the default has to do.
  }
}

function datagramSocket(socket: Socket, dual: boolean): DatagramSocket {
  const { address: host, port } = socket.address();
  const closed = new Promise<void>((resolve) => socket.once("close", resolve));
  let take: ((bytes: Uint8Array, from: Endpoint) => void) | undefined;
  let open = true;
  socket.on("message", (bytes: Uint8Array, from: RemoteInfo) => take?.(bytes, source(from)));
  return {
    address: { host, port },
    send(bytes, to) {
      if (!open || isIP(to.host) === 0) return;
      const address = dual && !to.host.includes(":") ? `::ffff:${to.host}` : to.host;
      try {
        socket.send(bytes, to.port, address);
      } catch {
        // A port or length that no datagram can have: lost like any other.
      }
    },
    receive(taker) {
      take = taker;
    },
    close() {
      if (open) socket.close();
      open = false;
      take = undefined;
      return closed;
    },
  };
}

function source({ address, port }: RemoteInfo): Endpoint {
  return { host: address.replace(/^::ffff:(?=\d+\.)/i, ""), port };
}

function noAddress(host: string): SealwireError {
  const message = `${host || "an empty host"} is no IP address; take one, such as 0.0.0.0 or [::]`;
  return new SealwireError("INVALID_ARGUMENT", message);
}
