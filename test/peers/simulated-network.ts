import type { DatagramSocket, Endpoint } from "../../src/core/contracts/datagram-socket.ts";
import type { SharedSocket } from "../../src/peers/surroundings.ts";
import type { ManualClock } from "../../src/testing/manual-clock.ts";
import { type NatMode, SimulatedNat } from "./simulated-nat.ts";

/** How datagrams fare between two hosts. */
export interface Weather {
  readonly delayMs: number;
  /** From 0 to 1. */
  readonly loss: number;
  readonly twice: number;
  /** Datagrams that never arrive. */
  readonly cut?: (from: Endpoint, to: Endpoint, bytes: Uint8Array) => boolean;
}

interface Part {
  readonly claims: (bytes: Uint8Array) => boolean;
  take?: Take;
}

type Take = (bytes: Uint8Array, from: Endpoint) => void;

/** Hosts, routers and the world between them, in memory, with a seed and a clock held by hand. */
export class SimulatedNetwork {
  readonly clock: ManualClock;
  weather: Weather = { delayMs: 10, loss: 0, twice: 0 };
  /** Datagrams that were sent. */
  sent = 0;
  readonly #outside = new Map<string, (bytes: Uint8Array, from: Endpoint, to: Endpoint) => void>();
  #seed: number;

  constructor(clock: ManualClock, seed: number) {
    this.clock = clock;
    this.#seed = seed;
  }

  /** A number from 0 to 1 that follows from the seed. */
  random(): number {
    this.#seed = (Math.imul(this.#seed, 1_664_525) + 1_013_904_223) >>> 0;
    return this.#seed / 2 ** 32;
  }

  /** A host with an address of the world, or behind a router. */
  host(address: string, mode: NatMode = "open", outside: string = address): SimulatedHost {
    const host = new SimulatedHost(this, address, mode, outside);
    this.#outside.set(outside, (bytes, from, to) => host.arrive(bytes, from, to));
    return host;
  }

  /** Carries a datagram between addresses of the world. */
  carry(bytes: Uint8Array, from: Endpoint, to: Endpoint): void {
    this.sent++;
    const { delayMs, loss, twice, cut } = this.weather;
    if (cut?.(from, to, bytes)) return;
    const copies = this.random() < loss ? 0 : this.random() < twice ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      const arrive = this.#outside.get(to.host);
      this.clock.after(delayMs + copy, () => arrive?.(bytes.slice(), from, to));
    }
  }
}

/** One machine and its router. */
export class SimulatedHost {
  readonly address: string;
  readonly nat: SimulatedNat;
  readonly #network: SimulatedNetwork;
  readonly #sockets = new Map<number, Take>();
  #port = 40_000;
  /** Sockets up to this port are of a program that was killed. */
  #crashed = 0;

  constructor(network: SimulatedNetwork, address: string, mode: NatMode, outside: string) {
    this.#network = network;
    this.address = address;
    this.nat = new SimulatedNat(mode, outside, () => network.random());
  }

  /** Something has come from the world to the router. */
  arrive(bytes: Uint8Array, from: Endpoint, to: Endpoint): void {
    const port = this.nat.inward(from, to.port);
    if (port !== undefined) this.#sockets.get(port)?.(bytes, from);
  }

  /** A socket of this machine, whose datagrams go to whoever claims them. */
  bind(wanted = 0): {
    readonly address: Endpoint;
    share(claims: (bytes: Uint8Array) => boolean): SharedSocket;
    close(): void;
  } {
    const port = wanted || ++this.#port;
    const address = { host: this.address, port };
    const parts: Part[] = [];
    this.#sockets.set(port, (bytes, from) => {
      parts.find(({ claims }) => claims(bytes))?.take?.(bytes, from);
    });
    const send = (bytes: Uint8Array, to: Endpoint) => this.#leave(bytes, port, to);
    const close = () => void this.#sockets.delete(port);
    return {
      address,
      share(claims) {
        const part: Part = { claims };
        parts.push(part);
        return {
          address,
          send,
          receive(take) {
            part.take = take;
          },
          close: async () => {},
        };
      },
      close,
    };
  }

  /** The program on this machine was killed: nobody hears what comes, its timers send nothing. */
  crash(): void {
    this.#sockets.clear();
    this.#crashed = this.#port;
  }

  /** A plain socket. */
  plain(port = 0, host: string = this.address): DatagramSocket {
    const socket = this.bind(port);
    const address = { host, port: socket.address.port };
    return { ...socket.share(() => true), address, close: async () => socket.close() };
  }

  #leave(bytes: Uint8Array, port: number, to: Endpoint): void {
    if (port <= this.#crashed) return;
    if (to.host === "127.0.0.1" || to.host === this.address) {
      const from = { host: to.host, port };
      this.#network.clock.after(0, () => this.#sockets.get(to.port)?.(bytes, from));
      return;
    }
    const outside = this.nat.outward(port, to);
    if (outside) this.#network.carry(bytes, outside, to);
  }
}
