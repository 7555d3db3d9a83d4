import type { Connection } from "../core/engine/connection.ts";
import { SealwireError } from "../core/model/errors.ts";
import type { SlowConsumer } from "./options.ts";

/** Events kept for one slow subscription before the oldest is lost. */
export const DEFAULT_EVENT_BUFFER = 256;
/** The largest such buffer that a client may ask for. */
export const MAX_EVENT_BUFFER = 65_536;
/** Events that one connection may watch. */
const MAX_SUBSCRIPTIONS = 1_024;

/** How a connection wants one event. */
export interface SubscriptionOptions {
  readonly slow: SlowConsumer;
  readonly buffer: number;
}

/** One connection's wish for one event, with what waits while the connection does not read. */
export class Subscription {
  readonly #connection: Connection;
  readonly #name: string;
  readonly #options: SubscriptionOptions;
  #waiting: unknown[] = [];
  /** Events lost because the client was slow. */
  dropped = 0;

  constructor(connection: Connection, name: string, options: SubscriptionOptions) {
    this.#connection = connection;
    this.#name = name;
    this.#options = options;
  }

  /** Sends now or keeps; a promise only where the sender has to wait. */
  deliver(data: unknown): Promise<void> | undefined {
    const connection = this.#connection;
    if (!connection.blocked && this.#waiting.length === 0) {
      connection.push(this.#name, data);
      return undefined;
    }
    if (this.#options.slow === "block") return connection.emit(this.#name, data);
    if (this.#options.slow === "disconnect") void connection.close(tooSlow(this.#name));
    else this.#keep(data);
    return undefined;
  }

  /** The connection takes bytes again. */
  flush(): void {
    const waiting = this.#waiting;
    if (waiting.length === 0) return;
    this.#waiting = [];
    for (const data of waiting) this.#connection.push(this.#name, data);
  }

  #keep(data: unknown): void {
    const room = this.#options.slow === "conflate" ? 1 : this.#options.buffer;
    this.#waiting.push(data);
    if (this.#waiting.length <= room) return;
    this.#waiting.shift();
    this.dropped += 1;
  }
}

/** Everything that one connection watches. */
export class Subscriptions {
  readonly #byName = new Map<string, Subscription>();

  /** @throws `RATE_LIMITED` for more than 1,024 events on one connection */
  watch(connection: Connection, name: string, options: SubscriptionOptions): void {
    if (this.#byName.size >= MAX_SUBSCRIPTIONS && !this.#byName.has(name)) throw tooMany();
    this.#byName.set(name, new Subscription(connection, name, options));
  }

  unwatch(name: string): void {
    this.#byName.delete(name);
  }

  find(name: string): Subscription | undefined {
    return this.#byName.get(name);
  }

  flush(): void {
    for (const subscription of this.#byName.values()) subscription.flush();
  }
}

function tooSlow(name: string): SealwireError {
  return new SealwireError("RATE_LIMITED", `events named ${name} came faster than they were read`);
}

function tooMany(): SealwireError {
  return new SealwireError(
    "RATE_LIMITED",
    `a connection watches at most ${MAX_SUBSCRIPTIONS} events`,
  );
}
