import type { Endpoint } from "../../core/contracts/datagram-socket.ts";
import type { SharedSocket } from "./endpoint-types.ts";
import type { UdxSocket } from "./udx.ts";

/** The parts of one socket that belong to other protocols. */
export class SharedSockets {
  readonly #socket: UdxSocket;
  readonly #address: Endpoint;
  readonly #parts = new Set<Part>();

  constructor(socket: UdxSocket, address: Endpoint) {
    this.#socket = socket;
    this.#address = address;
  }

  /** A part of its own. */
  open(claims: (bytes: Uint8Array) => boolean): SharedSocket {
    const part: Part = { claims, take: undefined };
    this.#parts.add(part);
    return {
      address: this.#address,
      send: (bytes, to, ttl = 0) => this.#send(part, bytes, to, ttl),
      receive: (take) => {
        part.take = take;
      },
      close: async () => {
        this.#parts.delete(part);
      },
    };
  }

  /** Gives a datagram to the first who claims it; returns whether there was one. */
  take(bytes: Uint8Array, from: Endpoint): boolean {
    for (const part of this.#parts) {
      if (!part.claims(bytes)) continue;
      // udx gives views of a large buffer; they are the taker's, and the rest is not written again.
      part.take?.(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength), from);
      return true;
    }
    return false;
  }

  closeAll(): void {
    this.#parts.clear();
  }

  #send(part: Part, bytes: Uint8Array, to: Endpoint, ttl: number): void {
    if (!this.#parts.has(part)) return;
    try {
      this.#socket.trySend(bytes, to.port, to.host, ttl);
    } catch {
      // A host or port that no datagram can have: lost like any other.
    }
  }
}

interface Part {
  readonly claims: (bytes: Uint8Array) => boolean;
  take: ((bytes: Uint8Array, from: Endpoint) => void) | undefined;
}
