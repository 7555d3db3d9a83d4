import type { Clock } from "../core/contracts/clock.ts";
import type { Connection } from "../core/engine/connection.ts";
import { SealwireError } from "../core/model/errors.ts";
import { Subscription, type SubscriptionOptions } from "./subscription.ts";

/** Events that one connection may watch. */
const MAX_SUBSCRIPTIONS = 1_024;

/** Everything that one connection watches. */
export class Subscriptions {
  readonly #connection: Connection;
  readonly #clock: Clock;
  readonly #byName = new Map<string, Subscription>();

  constructor(connection: Connection, clock: Clock) {
    this.#connection = connection;
    this.#clock = clock;
  }

  /** @throws `RATE_LIMITED` for more than 1,024 events on one connection */
  watch(name: string, options: SubscriptionOptions): Subscription {
    if (this.full && !this.#byName.has(name)) throw tooMany();
    this.#byName.get(name)?.close();
    const subscription = new Subscription(this.#connection, name, options, this.#clock);
    this.#byName.set(name, subscription);
    return subscription;
  }

  /** Whether no further name can be watched. */
  get full(): boolean {
    return this.#byName.size >= MAX_SUBSCRIPTIONS;
  }

  unwatch(name: string): void {
    this.#byName.get(name)?.close();
    this.#byName.delete(name);
  }

  find(name: string): Subscription | undefined {
    return this.#byName.get(name);
  }

  flush(): void {
    for (const subscription of this.#byName.values()) subscription.flush();
  }

  /** The connection has no channel now. */
  away(): void {
    for (const subscription of this.#byName.values()) subscription.away();
  }

  /** The connection has gone: whoever waits for it goes on. */
  close(): void {
    for (const subscription of this.#byName.values()) subscription.close();
    this.#byName.clear();
  }
}

function tooMany(): SealwireError {
  return new SealwireError(
    "RATE_LIMITED",
    `a connection watches at most ${MAX_SUBSCRIPTIONS} events`,
  );
}
