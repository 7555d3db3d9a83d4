import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TLSSocket } from "node:tls";
import { Inbox } from "../../bytes/inbox.ts";
import type { Channel, Listener } from "../../core/contracts/transport.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { bound } from "./bound.ts";
import { certifiedBy, pem, type ServerCertificate } from "./certificate.ts";
import type { UpgradeRules } from "./upgrades.ts";
import { type Arrival, Upgrades } from "./upgrades.ts";

/** How a WebSocket transport listens. */
export interface Listening {
  readonly rules: UpgradeRules;
  /** Connections that may wait to be upgraded or taken; more are cut off. */
  readonly maxPending: number;
  /** Present for `wss:`. */
  readonly certificate?: ServerCertificate | undefined;
}

/** Listens and yields a channel for each WebSocket at the address's path. */
export async function listen(address: URL, listening: Listening): Promise<Listener> {
  const { maxPending, rules } = listening;
  const arrivals = new Inbox<Channel>({ maxWaiting: maxPending });
  const upgrades = new Upgrades({ ...rules, path: address.pathname });
  const server = serverOf(listening, (arrival) => {
    if (upgrades.pending + arrivals.weight >= maxPending) arrival.socket.destroy();
    else void upgrades.accept(arrival).then((channel) => channel && arrivals.put(channel));
  });
  await bound(server, address);
  return {
    address: boundAddress(server, address),
    async close() {
      if (arrivals.ended) return;
      server.close();
      upgrades.close();
      arrivals.end();
      const reason = new SealwireError("UNAVAILABLE", "the server does not listen any more");
      for (const channel of arrivals.drain()) void channel.close(reason);
    },
    [Symbol.asyncIterator]: () => arrivals,
  };
}

function serverOf(listening: Listening, arrive: (arrival: Arrival) => void): Server {
  const { certificate, rules } = listening;
  const options = {
    allowHalfOpen: true,
    noDelay: true,
    highWaterMark: rules.limits.writeBufferBytes,
  };
  if (certificate === undefined) {
    const plain = { ...options, pauseOnConnect: true };
    return createServer(plain, (socket) => arrive({ socket, remote: placeOf(socket) }));
  }
  const secure = { ...options, ...certificate, handshakeTimeout: rules.headersTimeoutMs };
  return tlsServer(secure, (socket) => {
    const protection = { by: socket.getProtocol() ?? "TLS" };
    arrive({ socket, remote: placeOf(socket), protection });
  });
}

function tlsServer(
  { cert, key, clientCa, ...options }: ServerCertificate & object,
  arrive: (socket: TLSSocket) => void,
): Server {
  const certified = clientCa === undefined ? {} : certifiedBy(clientCa);
  const secure = { ...options, ...certified, cert: pem(cert), key: pem(key) };
  return createTlsServer({ ...secure, minVersion: "TLSv1.3" }, arrive);
}

function boundAddress(server: Server, asked: URL): URL {
  const address = new URL(asked);
  const place = server.address();
  if (place !== null && typeof place === "object") address.port = String(place.port);
  return address;
}

function placeOf({ remoteAddress = "unknown", remotePort }: Socket): string {
  const plain = remoteAddress.replace(/^::ffff:(?=\d+\.)/i, "");
  return plain.includes(":") ? `[${plain}]:${remotePort}` : `${plain}:${remotePort}`;
}
