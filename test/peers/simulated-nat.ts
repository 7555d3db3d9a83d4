import type { Endpoint } from "../../src/core/contracts/datagram-socket.ts";

/** What a router does, in the words of the laboratory. */
export type NatMode =
  | "open"
  | "firewall"
  | "full-cone"
  | "restricted"
  | "port-restricted"
  | "symmetric"
  | "symmetric-seq"
  | "symmetric-addr"
  | "blocked";

/** All of them. */
export const NAT_MODES: readonly NatMode[] = [
  "open",
  "firewall",
  "full-cone",
  "restricted",
  "port-restricted",
  "symmetric",
  "symmetric-seq",
  "symmetric-addr",
  "blocked",
];

/** Outside and inside ports, and who may come in. */
export class SimulatedNat {
  mode: NatMode;
  readonly #address: string;
  readonly #random: () => number;
  /** Inside port, for symmetric ones with the destination → outside port. */
  readonly #mappings = new Map<string, number>();
  readonly #inside = new Map<number, number>();
  /** Outside port → where it has sent to. */
  readonly #contacts = new Map<number, Set<string>>();
  #next = 20_000;

  constructor(mode: NatMode, address: string, random: () => number) {
    this.mode = mode;
    this.#address = address;
    this.#random = random;
  }

  /** The outside of a datagram that leaves; `undefined`: it does not. */
  outward(port: number, to: Endpoint): Endpoint | undefined {
    if (this.mode === "blocked") return undefined;
    const outside = this.#outsideOf(port, to);
    const contacts = this.#contacts.get(outside) ?? new Set<string>();
    this.#contacts.set(outside, contacts.add(to.host).add(`${to.host}:${to.port}`));
    return { host: this.#address, port: outside };
  }

  /** The inside port of a datagram that comes; `undefined`: it is dropped. */
  inward(from: Endpoint, port: number): number | undefined {
    if (this.mode === "blocked") return undefined;
    if (this.mode === "open") return port;
    const contacts = this.#contacts.get(port);
    if (!contacts) return undefined;
    const byAddress = this.mode === "full-cone" || contacts.has(from.host);
    const byPort = contacts.has(`${from.host}:${from.port}`);
    const wide = this.mode === "full-cone" || this.mode === "restricted";
    return (wide ? byAddress : byPort) ? (this.#inside.get(port) ?? port) : undefined;
  }

  /** A router that was switched off and on: all is forgotten. */
  forget(): void {
    this.#mappings.clear();
    this.#inside.clear();
    this.#contacts.clear();
    this.#next += 1_000;
  }

  #outsideOf(port: number, to: Endpoint): number {
    if (this.mode === "open" || this.mode === "firewall") {
      this.#inside.set(port, port);
      return port;
    }
    const perDestination = this.mode.startsWith("symmetric");
    const destination = this.mode === "symmetric-addr" ? to.host : `${to.host}:${to.port}`;
    const key = perDestination ? `${port}>${destination}` : String(port);
    const known = this.#mappings.get(key);
    if (known !== undefined) return known;
    const outside = /symmetric(-addr)?$/.test(this.mode) ? this.#anyPort() : ++this.#next;
    this.#mappings.set(key, outside);
    this.#inside.set(outside, port);
    return outside;
  }

  #anyPort(): number {
    for (;;) {
      const port = 1_024 + Math.floor(this.#random() * 64_512);
      if (!this.#inside.has(port)) return port;
    }
  }
}
