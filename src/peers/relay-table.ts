import { encodeHex } from "../bytes/text.ts";
import type { Endpoint } from "../core/contracts/datagram-socket.ts";
import { Allowance } from "./allowance.ts";
import { endpointKey } from "./endpoint-bytes.ts";
import type { ServiceLimits } from "./service-limits.ts";

/** A pair whose datagrams are passed on. */
interface Relayed {
  readonly name: string;
  readonly ends: [Endpoint | undefined, Endpoint | undefined];
  /** When each side proved itself last: one that has gone leaves its place. */
  bytes: number;
  lastMs: number;
}

/** Without a datagram for so long a pair is forgotten. */
const IDLE_MS = 120_000;

/**
 * Passes datagrams on between two addresses that came with the same session. It never looks into
 * them.
 */
export class RelayTable {
  readonly #sessions = new Map<string, Relayed>();
  readonly #byAddress = new Map<string, { readonly relayed: Relayed; readonly side: 0 | 1 }>();
  readonly #limits: ServiceLimits;
  readonly #now: () => number;
  readonly #flow: Allowance;

  constructor(limits: ServiceLimits, now: () => number) {
    this.#limits = limits;
    this.#now = now;
    const perSecond = limits.bytesPerSecond;
    this.#flow = new Allowance({ burst: perSecond, perSecond }, limits.maxRelayed, now);
  }

  /** How many pairs there are, those with one side only included. */
  get size(): number {
    return this.#sessions.size;
  }

  /**
   * Binds a side of a session to an address; a side that comes from another address moves.
   * Tells whether both sides are there; `undefined` when there is no room.
   */
  bind(session: Uint8Array, side: 0 | 1, endpoint: Endpoint): boolean | undefined {
    const name = encodeHex(session);
    const relayed = this.#sessions.get(name) ?? this.#begin(name);
    if (!relayed) return undefined;
    const address = endpointKey(endpoint);
    const before = relayed.ends[side];
    if (before && endpointKey(before) !== address) this.#byAddress.delete(endpointKey(before));
    const elsewhere = this.#byAddress.get(address);
    // One address serves one session at a time; the last one named is meant.
    if (elsewhere && elsewhere.relayed !== relayed)
      elsewhere.relayed.ends[elsewhere.side] = undefined;
    relayed.ends[side] = endpoint;
    relayed.lastMs = this.#now();
    this.#byAddress.set(address, { relayed, side });
    return relayed.ends[0] !== undefined && relayed.ends[1] !== undefined;
  }

  /** Where a datagram from this address goes on to; `undefined`: it is dropped. */
  target(from: Endpoint, bytes: number): Endpoint | undefined {
    const found = this.#byAddress.get(endpointKey(from));
    if (!found) return undefined;
    const { relayed, side } = found;
    const to = relayed.ends[1 - side];
    if (!to || !this.#flow.takes(relayed.name, bytes)) return undefined;
    relayed.bytes += bytes;
    relayed.lastMs = this.#now();
    if (relayed.bytes <= this.#limits.maxBytesPerSession) return to;
    this.#forget(relayed);
    return undefined;
  }

  /** Forgets pairs that are quiet. */
  sweep(): void {
    const oldest = this.#now() - IDLE_MS;
    for (const relayed of this.#sessions.values()) {
      if (relayed.lastMs < oldest) this.#forget(relayed);
    }
  }

  #begin(name: string): Relayed | undefined {
    if (this.#sessions.size >= this.#limits.maxRelayed) this.sweep();
    if (this.#sessions.size >= this.#limits.maxRelayed) return undefined;
    const relayed: Relayed = { name, ends: [undefined, undefined], bytes: 0, lastMs: this.#now() };
    this.#sessions.set(name, relayed);
    return relayed;
  }

  #forget(relayed: Relayed): void {
    this.#sessions.delete(relayed.name);
    for (const end of relayed.ends) if (end) this.#byAddress.delete(endpointKey(end));
  }
}
