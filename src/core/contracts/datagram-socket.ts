/** A place on the network that datagrams come from and go to; an IPv6 host has no brackets. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** Sends and receives single datagrams, which may be lost, doubled, altered or out of order. */
export interface DatagramSocket {
  /** Where it is really bound: port 0 has become a port. */
  readonly address: Endpoint;
  /**
   * Sends one datagram, or loses it in silence where it cannot: nobody is told, as on the network.
   * The bytes are the socket's from here on.
   */
  send(bytes: Uint8Array, to: Endpoint): void;
  /**
   * Names the one who takes what arrives; who was named before takes nothing any more. The bytes
   * are the taker's. What arrives while nobody is named is lost.
   */
  receive(take: (bytes: Uint8Array, from: Endpoint) => void): void;
  /** Ends both directions; afterwards nothing is taken any more and what is sent is lost. */
  close(): Promise<void>;
}
