import type { Connection } from "../core/engine/connection.ts";
import { SealwireError } from "../core/model/errors.ts";

/** Receives the events of one name. */
export type Receive = (data: unknown) => void;

/** How an event is wanted. */
export interface WatchOptions {
  /** What the server does when we do not keep up. @default the server's choice */
  readonly slow?: "block" | "drop-oldest" | "conflate" | "disconnect";
  /** How many events it keeps for `drop-oldest`. @default 256 */
  readonly buffer?: number;
}

/** A wish for events, until it is closed. */
export interface EventSubscription {
  /** Resolves when the server sends; rejects when it refuses. Renewed after each reconnection. */
  readonly ready: Promise<void>;
  close(): void;
}

interface Watched {
  readonly receivers: Set<Receive>;
  readonly options: WatchOptions;
}

/** The events that a client wants, and who receives them; outlives each single connection. */
export class EventReceivers {
  readonly #watched = new Map<string, Watched>();

  /** Adds a receiver; the first one of a name asks the server for the event. */
  add(
    name: string,
    receive: Receive,
    options: WatchOptions,
    connection: Connection | undefined,
  ): EventSubscription {
    const watched = this.#watched.get(name) ?? { receivers: new Set(), options };
    const first = watched.receivers.size === 0;
    watched.receivers.add(receive);
    this.#watched.set(name, watched);
    const ready = first && connection ? ask(connection, name, options) : Promise.resolve();
    // Whoever does not look at `ready` must not be hit by its rejection.
    ready.catch(() => {});
    return { ready, close: () => this.#remove(name, receive, connection) };
  }

  /** Asks a new connection for everything that is wanted. */
  async renew(connection: Connection): Promise<void> {
    const asked = [...this.#watched].map(([name, { options }]) => ask(connection, name, options));
    await Promise.allSettled(asked);
  }

  receive(name: string, data: unknown): void {
    for (const receive of this.#watched.get(name)?.receivers ?? []) receive(data);
  }

  #remove(name: string, receive: Receive, connection: Connection | undefined): void {
    const watched = this.#watched.get(name);
    if (!watched?.receivers.delete(receive) || watched.receivers.size > 0) return;
    this.#watched.delete(name);
    if (!connection || connection.ending || !connection.vocabulary.subscriptions) return;
    connection.call("$events.unwatch", [name]).catch(() => {});
  }
}

/** Wires without subscriptions send every event anyway. */
async function ask(connection: Connection, name: string, options: WatchOptions): Promise<void> {
  if (!connection.vocabulary.kinds.has("event")) throw noEvents(connection.dialect);
  if (!connection.vocabulary.subscriptions) return;
  await connection.call("$events.watch", [name, options.slow ?? null, options.buffer ?? null]);
}

function noEvents(dialect: string): SealwireError {
  return new SealwireError("UNSUPPORTED", `the dialect ${dialect} has no events`);
}
