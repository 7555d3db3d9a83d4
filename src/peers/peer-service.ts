import type { Endpoint } from "../core/contracts/datagram-socket.ts";
import { endpointText } from "../core/engine/endpoint-text.ts";
import { networkOf } from "../core/engine/network.ts";
import type { Hmac } from "../crypto/derive.ts";
import { randomBytes } from "../crypto/random.ts";
import { Allowance } from "./allowance.ts";
import { type Cookies, cookies } from "./cookies.ts";
import { MAX_PORT } from "./endpoint-bytes.ts";
import { LEASE_S, MeetingPlace } from "./meeting-place.ts";
import { RelayTable } from "./relay-table.ts";
import { type Reservations, reservations } from "./reservations.ts";
import { isServiceMessage, REASON } from "./service-datagram.ts";
import { type ServiceLimits, serviceLimits } from "./service-limits.ts";
import { formatReply, type ServiceReply } from "./service-replies.ts";
import { parseRequest, type ServiceRequest } from "./service-requests.ts";

/** What a service does. */
export interface PeerServiceOptions {
  readonly crypto: Hmac;
  readonly now: () => number;
  /** Lets peers find each other. @default true */
  readonly rendezvous?: boolean;
  /** Passes datagrams on for those who have a reservation. @default true */
  readonly relay?: boolean;
  /** Where clients find the relay, as `udp://host:port`, if it is another service. */
  readonly relayAddress?: string;
  /** What a rendezvous and its relays share, 32 bytes. @default random: the relay is this service */
  readonly relaySecret?: Uint8Array;
  readonly limits?: Partial<ServiceLimits>;
}

/** A datagram to be sent. */
export interface Outgoing {
  readonly bytes: Uint8Array;
  readonly to: Endpoint;
}

/** What came and had no effect, by kind. */
export interface ServiceCounters {
  malformed: number;
  limited: number;
  unproven: number;
  refused: number;
  dropped: number;
}

/**
 * Rendezvous and relay without a network: datagrams in, datagrams out. Before an address has shown
 * a cookie, what is sent there is never longer than what came from there.
 */
export class PeerService {
  readonly counters: ServiceCounters = {
    ...{ malformed: 0, limited: 0, unproven: 0, refused: 0, dropped: 0 },
  };
  readonly #options: PeerServiceOptions;
  readonly #cookies: Cookies;
  readonly #reservations: Reservations;
  readonly #allowance: Allowance;
  readonly #meeting: MeetingPlace;
  readonly #relay: RelayTable;

  /** @throws `INVALID_ARGUMENT` naming the limit that makes no sense */
  constructor(options: PeerServiceOptions) {
    const { crypto, now, relaySecret = randomBytes(32) } = options;
    const limits = serviceLimits(options.limits);
    this.#options = options;
    this.#cookies = cookies(crypto, now);
    this.#reservations = reservations(crypto, relaySecret, now);
    const rate = { burst: limits.burstPerNetwork, perSecond: limits.messagesPerSecond };
    this.#allowance = new Allowance(rate, MAX_NETWORKS, now);
    this.#meeting = new MeetingPlace(limits, now);
    this.#relay = new RelayTable(limits, now);
  }

  /** How much is remembered. */
  get sizes(): { readonly topics: number; readonly relayed: number } {
    return { topics: this.#meeting.topics, relayed: this.#relay.size };
  }

  /** Takes one datagram; returns those that are to be sent. */
  receive(bytes: Uint8Array, from: Endpoint): readonly Outgoing[] {
    if (!isServiceMessage(bytes)) return this.#passOn(bytes, from);
    if (!this.#allowance.takes(networkOf(endpointText(from)))) return this.#count("limited");
    let request: ServiceRequest;
    try {
      request = parseRequest(bytes);
    } catch {
      return this.#count("malformed");
    }
    if (request.kind === "hello") return [this.#challenge(request.id, from)];
    if (!this.#cookies.holds(request.cookie, from)) {
      this.counters.unproven++;
      return [this.#challenge(request.id, from)];
    }
    return this.#answer(request, from);
  }

  /** Tells who greets how it is seen here, and nothing else: for the second port of a service. */
  greet(bytes: Uint8Array, from: Endpoint): Uint8Array | undefined {
    if (!this.#allowance.takes(networkOf(endpointText(from)))) return undefined;
    try {
      const request = parseRequest(bytes);
      return request.kind === "hello" ? this.#challenge(request.id, from).bytes : undefined;
    } catch {
      return undefined;
    }
  }

  /** Forgets what is over; to be called now and then. */
  sweep(): void {
    this.#meeting.sweep();
    this.#relay.sweep();
  }

  #passOn(bytes: Uint8Array, from: Endpoint): readonly Outgoing[] {
    const to = this.#relay.target(from, bytes.length);
    return to ? [{ bytes, to }] : this.#count("dropped");
  }

  #answer(request: Proven, from: Endpoint): readonly Outgoing[] {
    const { id } = request;
    const { rendezvous = true, relay = true } = this.#options;
    if (request.kind === "bind") return relay ? this.#bind(request, from) : this.#count("dropped");
    if (!rendezvous) return this.#count("dropped");
    if (request.kind === "register") return this.#register(request, from);
    if (request.kind === "bye") {
      this.#meeting.leave(request.topic, request.peer, from);
      return [];
    }
    const targets = this.#meeting.route(request, from);
    if (typeof targets === "number") return this.#refuse(id, targets, from);
    const { signal, topic, from: sender, session, sealed } = request;
    const fields = { signal, topic, from: sender, session, sealed };
    const bytes = formatReply({ kind: "forwarded", id, ...fields });
    return targets.map((to) => ({ bytes, to }));
  }

  #register(request: Proven & { kind: "register" }, from: Endpoint): readonly Outgoing[] {
    const { id, topic, peer, session } = request;
    const full = this.#meeting.join(request, from);
    if (full !== undefined) return this.#refuse(id, full, from);
    const { relay = true, relayAddress = "" } = this.#options;
    const wanted = session.some((byte) => byte !== 0) && (relay || relayAddress !== "");
    const reply: ServiceReply = {
      ...{ kind: "registered", id, cookie: this.#cookies.make(from), leaseS: LEASE_S },
      listeners: this.#meeting.listeners(topic, peer),
      reservation: wanted ? this.#reservations.make(session) : undefined,
      relay: relayAddress,
    };
    return [{ bytes: formatReply(reply), to: from }];
  }

  #bind(request: Proven & { kind: "bind" }, from: Endpoint): readonly Outgoing[] {
    const { id, session, side, reservation } = request;
    if (!this.#reservations.holds(session, reservation)) {
      return this.#refuse(id, REASON.unproven, from);
    }
    const both = this.#relay.bind(session, side === 0 ? 0 : 1, from);
    if (both === undefined) return this.#refuse(id, REASON.full, from);
    return [{ bytes: formatReply({ kind: "bound", id, both }), to: from }];
  }

  #challenge(id: Uint8Array, to: Endpoint): Outgoing {
    const seen = to.port > MAX_PORT ? undefined : to;
    const cookie = this.#cookies.make(to);
    return { bytes: formatReply({ kind: "challenge", id, cookie, seen }), to };
  }

  #refuse(id: Uint8Array, reason: number, to: Endpoint): readonly Outgoing[] {
    this.counters.refused++;
    return [{ bytes: formatReply({ kind: "refused", id, reason }), to }];
  }

  #count(kind: keyof ServiceCounters): readonly Outgoing[] {
    this.counters[kind]++;
    return [];
  }
}

type Proven = Exclude<ServiceRequest, { kind: "hello" }>;

/** Networks whose messages are counted; the quietest are forgotten. */
const MAX_NETWORKS = 10_000;
