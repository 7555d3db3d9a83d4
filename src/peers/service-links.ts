import type { Clock } from "../core/contracts/clock.ts";
import type { DatagramSocket, Endpoint } from "../core/contracts/datagram-socket.ts";
import { endpointKey } from "./endpoint-bytes.ts";
import { type Forwarded, ServiceLink } from "./service-link.ts";

/** Links to several services through one socket: each takes what comes from its own address. */
export class ServiceLinks {
  readonly #socket: DatagramSocket;
  readonly #clock: Clock;
  readonly #links = new Map<string, ServiceLink>();
  #seen: Endpoint | undefined;

  constructor(socket: DatagramSocket, clock: Clock) {
    this.#socket = socket;
    this.#clock = clock;
    socket.receive((bytes, from) => this.#links.get(endpointKey(from))?.take(bytes));
  }

  /** Where the world sees the socket, as the last service that was asked has told. */
  get seen(): Endpoint | undefined {
    return this.#seen;
  }

  /** The link to a service. */
  to(service: Endpoint, onSignal: (signal: Forwarded) => void = () => {}): ServiceLink {
    const key = endpointKey(service);
    const known = this.#links.get(key);
    if (known) return known;
    const send = (bytes: Uint8Array) => this.#socket.send(bytes, service);
    const onSeen = (seen: Endpoint | undefined) => {
      this.#seen = seen ?? this.#seen;
    };
    const link = new ServiceLink({ clock: this.#clock, send, onSignal, onSeen });
    this.#links.set(key, link);
    return link;
  }

  /** Ends all of them; the socket stays open. */
  close(): void {
    for (const link of this.#links.values()) link.close();
    this.#links.clear();
  }
}
