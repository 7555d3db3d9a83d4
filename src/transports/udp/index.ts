/**
 * Streams over UDP: reliable, ordered, with congestion control (by `udx-native`), not encrypted.
 *
 * `udp()` is the transport of `udp://host:port`. Below it lies what peers behind NATs need:
 *
 * ```ts
 * const network = udpNetwork();                       // channels may move between its endpoints
 * const endpoint = network.bind({ host: "::", port: 0 });
 *
 * const stun = endpoint.share(isStun);                // a DatagramSocket on the same port
 * const probes = endpoint.share(startsWithMyMagic);   // probes.send(bytes, to, ttl) bounds hops
 *
 * const channel = await endpoint.open(remote, { signal });   // the other side accepts:
 * for await (const channel of endpoint.accept()) { }
 *
 * // Or both at once, with what was agreed over a sealed way; no round trip:
 * const channel = endpoint.attach({ remote, localStream, remoteStream, secret, initiator });
 *
 * await channel.move(direct);                         // relay to direct and back: no break,
 * await channel.move(direct, otherEndpoint);          // also from another socket of the network
 * channel.onPath(({ remote, rttMs }) => { });         // the peer moved, or its NAT did
 * ```
 *
 * Punched paths are just remotes. One side moves; the other follows when it has heard an
 * authentic ping from there and had its own answered. Datagrams that nobody claims are counted.
 */
export { udpNetwork } from "./bind.ts";
export { bindUdp } from "./datagram-socket.ts";
export type {
  Admissions,
  AgreedPath,
  SharedSocket,
  UdpChannel,
  UdpCounters,
  UdpEndpoint,
  UdpNetwork,
  UdpPath,
} from "./endpoint-types.ts";
export type { UdpOptions } from "./options.ts";
export { udp } from "./udp.ts";
