import type { DatagramSocket, Endpoint } from "../../core/contracts/datagram-socket.ts";
import type { Channel } from "../../core/contracts/transport.ts";

/** Bound UDP sockets whose channels may move from one to another. */
export interface UdpNetwork {
  /**
   * Binds one socket. The host is an address of this machine; `::` takes IPv4 as well, port 0 any
   * free port.
   *
   * @throws `ALREADY_EXISTS` when the port is taken, `INVALID_ARGUMENT` for a foreign address
   */
  bind(endpoint: Endpoint): UdpEndpoint;
}

/** One UDP socket that carries streams, what keeps their paths, and whatever else shares it. */
export interface UdpEndpoint {
  /** Where it is really bound: port 0 has become a port. */
  readonly address: Endpoint;
  /** How many channels lead over it. */
  readonly channels: number;
  /** What came in and was of no use, counted by kind. */
  readonly counters: UdpCounters;
  /**
   * A socket for another protocol on the same port, such as STUN or the probes of hole punching.
   * It takes the datagrams that `claims` says yes to, and nothing else; the first to claim wins.
   * Closing it leaves the endpoint alone.
   */
  share(claims: (bytes: Uint8Array) => boolean): SharedSocket;
  /**
   * Opens a channel to an endpoint that accepts, in two round trips.
   *
   * @throws `UNAVAILABLE` when nobody answers in time or too many are there already
   */
  open(remote: Endpoint, options: { readonly signal: AbortSignal }): Promise<UdpChannel>;
  /**
   * A channel on a path that both sides have agreed on elsewhere, at once: nothing is sent before
   * the first bytes. Both call it, each with its own view.
   *
   * @throws `ALREADY_EXISTS` for a stream number of ours that is in use
   */
  attach(agreed: AgreedPath): UdpChannel;
  /**
   * Begins to admit those who `open` towards us; iterating yields their channels. Once at a time.
   *
   * @throws `ALREADY_EXISTS` when it admits already
   */
  accept(): Admissions;
  /** Refuses what is new; the socket goes when its last channel has ended. Resolves then. */
  close(): Promise<void>;
}

/** Channels of those who came, until closed. */
export interface Admissions extends AsyncIterable<UdpChannel> {
  close(): void;
}

/** A byte stream over UDP that may change its path. */
export interface UdpChannel extends Channel {
  /** Where the peer is at present. */
  readonly path: UdpPath;
  /** A number that changes with each packet that comes from the peer. */
  readonly packets: number;
  /**
   * Goes on over another path without a break; the peer follows by itself as soon as it has heard
   * us there. `via` is another endpoint of the same network.
   */
  move(remote: Endpoint, via?: UdpEndpoint): Promise<void>;
  /** What is under way is known to be lost: sends it again at once, instead of waiting for answers. */
  resend(): void;
  /** Told after each change of the path, whoever began it. One receiver. */
  onPath(told: (path: UdpPath) => void): void;
}

/** One way to a peer. */
export interface UdpPath {
  readonly remote: Endpoint;
  /** The last round trip measured by a ping of ours; `undefined` before the first. */
  readonly rttMs: number | undefined;
}

/** What two peers have told each other, by a sealed way, to have a channel at once. */
export interface AgreedPath {
  readonly remote: Endpoint;
  /** The number of the stream at our side, from 1 to 2^32 - 1: random, so that it is not guessed. */
  readonly localStream: number;
  readonly remoteStream: number;
  /** 32 bytes that prove the pings of this channel. Both sides have the same. */
  readonly secret: Uint8Array;
  /** One side says yes, the other no. */
  readonly initiator: boolean;
}

/** A part of an endpoint's socket. */
export interface SharedSocket extends DatagramSocket {
  /** `ttl` bounds the hops of this datagram, to open one's own router without reaching the peer. */
  send(bytes: Uint8Array, to: Endpoint, ttl?: number): void;
}

/** Datagrams without effect. */
export interface UdpCounters {
  /** Of no protocol that is spoken here. */
  readonly foreign: number;
  /** Of ours, but cut short or altered. */
  readonly malformed: number;
  /** With a proof or cookie that does not hold. */
  readonly forged: number;
  /** Heard before, or overtaken by a newer one. */
  readonly stale: number;
  /** Wanted to open where a limit was reached. */
  readonly refused: number;
}
