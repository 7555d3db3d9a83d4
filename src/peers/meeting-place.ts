import { encodeHex } from "../bytes/text.ts";
import type { Endpoint } from "../core/contracts/datagram-socket.ts";
import { endpointText } from "../core/engine/endpoint-text.ts";
import { networkOf } from "../core/engine/network.ts";
import { Allowance } from "./allowance.ts";
import { endpointKey } from "./endpoint-bytes.ts";
import { REASON, type SignalFields } from "./service-datagram.ts";
import type { ServiceLimits } from "./service-limits.ts";

/** How long somebody stays without being heard of again. */
export const LEASE_S = 60;

/** Somebody under a topic. */
interface Member {
  readonly endpoint: Endpoint;
  readonly listens: boolean;
  readonly expiresMs: number;
}

/** Who wants to join. */
export interface Joining {
  readonly topic: Uint8Array;
  readonly peer: Uint8Array;
  readonly listens: boolean;
}

/**
 * Where those meet who know the same topic. Sees topics, numbers and addresses, and nothing of what
 * peers tell each other.
 */
export class MeetingPlace {
  readonly #topics = new Map<string, Map<string, Member>>();
  /** How many peers each network has here. */
  readonly #perNetwork = new Map<string, number>();
  readonly #limits: ServiceLimits;
  readonly #now: () => number;
  readonly #signals: Allowance;

  constructor(limits: ServiceLimits, now: () => number) {
    this.#limits = limits;
    this.#now = now;
    const perSecond = limits.signalsPerSecond;
    this.#signals = new Allowance({ burst: 2 * perSecond, perSecond }, limits.maxTopics, now);
  }

  /** How many topics have somebody in them. */
  get topics(): number {
    return this.#topics.size;
  }

  /** Takes somebody in, or prolongs the lease. A number of `REASON` when there is no room. */
  join({ topic, peer, listens }: Joining, endpoint: Endpoint): number | undefined {
    const name = encodeHex(topic);
    const members = this.#topics.get(name) ?? new Map<string, Member>();
    const known = members.get(encodeHex(peer));
    if (!known && !this.#hasRoom(members, endpoint)) return REASON.full;
    if (known) this.#count(known, -1);
    const member = { endpoint, listens, expiresMs: this.#now() + LEASE_S * 1_000 };
    this.#count(member, 1);
    members.set(encodeHex(peer), member);
    this.#topics.set(name, members);
    return undefined;
  }

  /** How many others listen there. */
  listeners(topic: Uint8Array, except: Uint8Array): number {
    const own = encodeHex(except);
    const members = this.#living(topic);
    return members.filter(([peer, { listens }]) => listens && peer !== own).length;
  }

  /** Whom a signal goes to; a number of `REASON` when it goes to nobody. */
  route({ topic, from, to }: SignalFields, endpoint: Endpoint): readonly Endpoint[] | number {
    const sender = encodeHex(from);
    const members = this.#living(topic);
    const own = members.find(([peer]) => peer === sender)?.[1];
    // Who is not registered there, from this very address, has no business there.
    if (!own || endpointKey(own.endpoint) !== endpointKey(endpoint)) return REASON.unproven;
    if (!this.#signals.takes(encodeHex(topic))) return REASON.limited;
    const wanted = encodeHex(to);
    const toAll = /^0+$/.test(wanted);
    const found = members.filter(([peer, { listens }]) =>
      toAll ? listens && peer !== sender : peer === wanted,
    );
    return found.length === 0 ? REASON.nobody : found.map(([, member]) => member.endpoint);
  }

  /** Forgets somebody who says so, from the address of the lease. */
  leave(topic: Uint8Array, peer: Uint8Array, endpoint: Endpoint): void {
    const members = this.#topics.get(encodeHex(topic));
    const member = members?.get(encodeHex(peer));
    if (!member || endpointKey(member.endpoint) !== endpointKey(endpoint)) return;
    members?.delete(encodeHex(peer));
    this.#count(member, -1);
    if (members?.size === 0) this.#topics.delete(encodeHex(topic));
  }

  /** Forgets those whose lease has run out. */
  sweep(): void {
    const now = this.#now();
    for (const [topic, members] of this.#topics) {
      for (const [peer, member] of members) {
        if (member.expiresMs > now) continue;
        members.delete(peer);
        this.#count(member, -1);
      }
      if (members.size === 0) this.#topics.delete(topic);
    }
  }

  #living(topic: Uint8Array): readonly (readonly [string, Member])[] {
    const now = this.#now();
    const members = this.#topics.get(encodeHex(topic)) ?? [];
    return [...members].filter(([, { expiresMs }]) => expiresMs > now);
  }

  #hasRoom(members: ReadonlyMap<string, Member>, endpoint: Endpoint): boolean {
    const { maxTopics, maxPeersPerTopic, maxPeersPerNetwork } = this.#limits;
    if (this.#topics.size >= maxTopics) this.sweep();
    if (members.size === 0 && this.#topics.size >= maxTopics) return false;
    if (members.size >= maxPeersPerTopic) return false;
    return (this.#perNetwork.get(networkOfMember(endpoint)) ?? 0) < maxPeersPerNetwork;
  }

  #count({ endpoint }: Member, change: number): void {
    const network = networkOfMember(endpoint);
    const count = (this.#perNetwork.get(network) ?? 0) + change;
    if (count > 0) this.#perNetwork.set(network, count);
    else this.#perNetwork.delete(network);
  }
}

function networkOfMember(endpoint: Endpoint): string {
  return networkOf(endpointText(endpoint));
}
