import type { Clock } from "../core/contracts/clock.ts";
import type { Delivered } from "../core/contracts/feature.ts";
import type { Nodes } from "../core/contracts/nodes.ts";
import type { Connection } from "../core/engine/connection.ts";
import { fieldsOf } from "../core/engine/fields.ts";
import { tell } from "../core/engine/tell.ts";
import { SealwireError } from "../core/model/errors.ts";
import type { Peer } from "../core/model/peer.ts";
import { Absent } from "./absent.ts";
import { isExpired } from "./access.ts";
import { EventAnswers } from "./event-answers.ts";
import { type ServerConfig, SLOW_CONSUMERS, type SlowConsumer } from "./options.ts";
import { DEFAULT_EVENT_BUFFER, MAX_EVENT_BUFFER, Subscription } from "./subscription.ts";
import { Subscriptions } from "./subscriptions.ts";

/**
 * Receives an event of a peer. What it returns goes back on wires that answer events, as the event
 * `<name>_response`; elsewhere it falls.
 */
export type EventReceiver = (data: unknown, peer: Peer) => unknown;

/** Who may watch or send an event. */
export interface EventOptions {
  /** Also peers that have proven nothing. @default false */
  readonly public?: boolean;
  /** All of these must be among the principal's scopes. */
  readonly scopes?: readonly string[];
}

/** Whom a broadcast leaves out. */
export interface BroadcastOptions {
  readonly exclude?: Peer | Iterable<Peer>;
  /** Looks at peers, so that the event stays at the node of a cluster that has these peers. */
  readonly filter?: (peer: Peer) => boolean;
  /** Only to the peers of this node. @default false */
  readonly local?: boolean;
}

/** Events both ways: who watches what, who may, and what happens to those who are slow. */
export class Events {
  /** Keeps what comes for those who are away. */
  readonly absent: Absent;
  readonly #declared = new Map<string, EventOptions>();
  readonly #receivers = new Map<string, Set<EventReceiver>>();
  readonly #subscriptions = new Map<Connection, Subscriptions>();
  readonly #config: ServerConfig;
  readonly #clock: Clock;
  readonly #answers: EventAnswers;
  readonly #nodes: Nodes;

  constructor(config: ServerConfig, clock: Clock, nodes: Nodes) {
    this.#config = config;
    this.absent = new Absent(config);
    this.#clock = clock;
    this.#nodes = nodes;
    nodes.onSaid(TOPIC, (said) => this.#broadcastElsewhere(said));
    this.#answers = new EventAnswers(config.logger);
  }

  declare(name: string, options: EventOptions): void {
    this.#declared.set(name, options);
  }

  onEvent(name: string, receive: EventReceiver): void {
    const receivers = this.#receivers.get(name) ?? new Set();
    this.#receivers.set(name, receivers.add(receive));
  }

  join(connection: Connection): void {
    this.#subscriptions.set(connection, new Subscriptions(connection, this.#clock));
  }

  leave(connection: Connection): void {
    this.absent.forget(connection);
    this.#subscriptions.get(connection)?.close();
    this.#subscriptions.delete(connection);
  }

  /** It has no channel now. */
  away(connection: Connection): void {
    this.#subscriptions.get(connection)?.away();
  }

  /** It has another channel. */
  back(connection: Connection): void {
    this.absent.forget(connection);
    this.flush(connection);
  }

  flush(connection: Connection): void {
    this.#subscriptions.get(connection)?.flush();
  }

  /** An event of a peer has come; those that it may not send fall. */
  receive(name: string, data: unknown, connection: Connection): void {
    if (this.#refusal(name, connection)) return;
    const receivers = this.#receivers.get(name) ?? NOBODY;
    if (connection.vocabulary.answersEvents && receivers.size > 0) {
      return this.#answers.give(connection, name, data, receivers);
    }
    for (const receive of receivers) {
      const about = { connection: connection.id, event: name };
      tell(this.#config.logger, about, () => receive(data, connection));
    }
  }

  /** @throws `UNAUTHENTICATED`, `PERMISSION_DENIED`, `INVALID_ARGUMENT`, `RATE_LIMITED` */
  watch(connection: Connection, name: unknown, slow: unknown, buffer: unknown): void {
    if (typeof name !== "string" || name.length > MAX_NAME_LENGTH) {
      throw invalid(`the name of an event is text of at most ${MAX_NAME_LENGTH} characters`);
    }
    const refusal = this.#refusal(name, connection);
    if (refusal) throw refusal;
    const { slowConsumer, blockTimeoutMs } = this.#config;
    this.#subscriptions.get(connection)?.watch(name, {
      slow: slowFrom(slow, slowConsumer),
      buffer: bufferFrom(buffer),
      blockMs: blockTimeoutMs,
      absent: this.absent,
    });
  }

  unwatch(connection: Connection, name: unknown): void {
    if (typeof name === "string") this.#subscriptions.get(connection)?.unwatch(name);
  }

  /**
   * Sends to all who want it and may have it, at all nodes. Resolves when all slow ones of this
   * node that block took it. What a filter chose stays at the node that knows the peers.
   */
  broadcast(name: string, data: unknown, options: BroadcastOptions): Promise<Delivered> {
    if (!options.filter && !options.local) this.#nodes.say(TOPIC, { name, data });
    return this.#deliver(name, data, options);
  }

  #broadcastElsewhere(said: unknown): void {
    const { name, data } = fieldsOf(said);
    if (typeof name === "string") void this.#deliver(name, data, {});
  }

  async #deliver(name: string, data: unknown, options: BroadcastOptions): Promise<Delivered> {
    if (this.#subscriptions.size === 0) return NOWHERE;
    const excluded = excludedBy(options.exclude);
    let delivered = 0;
    let skipped = 0;
    const waits: Promise<void>[] = [];
    for (const [connection, subscriptions] of this.#subscriptions) {
      if (excluded.has(connection) || options.filter?.(connection) === false) continue;
      if (!connection.vocabulary.kinds.has("event")) skipped += 1;
      else {
        const subscription = this.#subscriptionOf(connection, subscriptions, name);
        if (!subscription) continue;
        const wait = subscription.deliver(data);
        if (wait) waits.push(wait);
        delivered += 1;
      }
    }
    if (waits.length > 0) await Promise.allSettled(waits);
    return { delivered, skipped };
  }

  /** Where the wire cannot name the events it wants, everything goes to everyone who may have it. */
  #subscriptionOf(
    connection: Connection,
    subscriptions: Subscriptions,
    name: string,
  ): Subscription | undefined {
    const known = subscriptions.find(name);
    if (known) return this.#refusal(name, connection) ? undefined : known;
    if (connection.vocabulary.subscriptions || this.#refusal(name, connection)) return undefined;
    const { slowConsumer: slow, blockTimeoutMs: blockMs } = this.#config;
    const options = { slow, buffer: DEFAULT_EVENT_BUFFER, blockMs, absent: this.absent };
    // With too many names to keep one for each, this event waits for nobody.
    if (subscriptions.full) return new Subscription(connection, name, options, this.#clock);
    return subscriptions.watch(name, options);
  }

  #refusal(name: string, { principal }: Peer): SealwireError | undefined {
    const options = this.#declared.get(name) ?? {};
    if (options.public) return undefined;
    if (!principal || isExpired(principal, this.#clock)) {
      const message = `the event ${name} is not public: prove who you are`;
      return new SealwireError("UNAUTHENTICATED", message);
    }
    const missing = options.scopes?.find((scope) => !principal.scopes.has(scope));
    if (missing === undefined) return undefined;
    return new SealwireError("PERMISSION_DENIED", `the event ${name} needs the scope ${missing}`);
  }
}

function excludedBy(exclude: BroadcastOptions["exclude"]): ReadonlySet<Peer> {
  if (exclude === undefined) return new Set();
  return new Set(isIterable(exclude) ? exclude : [exclude]);
}

function isIterable(value: Peer | Iterable<Peer>): value is Iterable<Peer> {
  return Symbol.iterator in value;
}

/** By which nodes tell each other of broadcasts. */
const TOPIC = "$broadcast";

const NOWHERE: Delivered = Object.freeze({ delivered: 0, skipped: 0 });
const NOBODY: ReadonlySet<EventReceiver> = new Set();
const MAX_NAME_LENGTH = 256;

function slowFrom(given: unknown, otherwise: SlowConsumer): SlowConsumer {
  if (given === undefined || given === null) return otherwise;
  const policy = SLOW_CONSUMERS.find((known) => known === given);
  if (policy) return policy;
  throw invalid(`slow is one of ${SLOW_CONSUMERS.join(", ")}`);
}

function bufferFrom(given: unknown): number {
  if (given === undefined || given === null) return DEFAULT_EVENT_BUFFER;
  const fits = typeof given === "number" && Number.isInteger(given);
  if (fits && given > 0 && given <= MAX_EVENT_BUFFER) return given;
  throw invalid(`buffer is a whole number from 1 to ${MAX_EVENT_BUFFER}`);
}

function invalid(message: string): SealwireError {
  return new SealwireError("INVALID_ARGUMENT", message);
}
