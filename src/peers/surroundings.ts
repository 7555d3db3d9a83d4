import type { Clock } from "../core/contracts/clock.ts";
import type { DatagramSocket, Endpoint } from "../core/contracts/datagram-socket.ts";
import type { Channel } from "../core/contracts/transport.ts";
import type { PairingCrypto } from "./pairing-keys.ts";

/** What a preset lends to peers: sockets, time and cryptography. */
export interface PeerSurroundings {
  readonly clock: Clock;
  readonly crypto: PairingCrypto;
  readonly network: PeerNetwork;
}

/** What peers need of the machine. */
export interface PeerNetwork {
  /** Binds a socket that carries streams; port 0 for any. As `UdpNetwork` of the transport `udp`. */
  bind(endpoint: Endpoint): PeerEndpoint;
  /** Binds a plain socket. */
  bindDatagrams(endpoint: Endpoint): Promise<DatagramSocket>;
  /** Opens a WebSocket whose messages are datagrams. @throws `UNAVAILABLE` */
  openWebSocket(url: URL, options: { readonly signal: AbortSignal }): Promise<Channel>;
  /** The addresses of this machine. */
  localAddresses(): readonly string[];
  /** The IP addresses of a name. @throws `UNAVAILABLE` */
  resolve(host: string): Promise<readonly string[]>;
}

/** A socket that carries streams and whatever else shares it; part of `UdpEndpoint`. */
export interface PeerEndpoint {
  readonly address: Endpoint;
  share(claims: (bytes: Uint8Array) => boolean): SharedSocket;
  attach(agreed: AgreedStream): PeerStream;
  close(): Promise<void>;
}

/** A part of an endpoint's socket. */
export interface SharedSocket extends DatagramSocket {
  send(bytes: Uint8Array, to: Endpoint, ttl?: number): void;
}

/** What both sides of a stream have agreed on. */
export interface AgreedStream {
  readonly remote: Endpoint;
  readonly localStream: number;
  readonly remoteStream: number;
  readonly secret: Uint8Array;
  readonly initiator: boolean;
}

/** A byte stream that may change its path. */
export interface PeerStream extends Channel {
  /** A number that changes with each packet that comes. */
  readonly packets: number;
  /** `via`: from another socket of the same network. */
  move(remote: Endpoint, via?: PeerEndpoint): Promise<void>;
  /** What is under way is known to be lost and is sent again at once. */
  resend(): void;
}
