import type { Logger } from "../core/contracts/logger.ts";
import type { Connection } from "../core/engine/connection.ts";
import { tell } from "../core/engine/tell.ts";
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

/** What the receivers need of their client. */
export interface EventReceiversOwner {
  /** The live connection, if there is one. */
  readonly connection: Connection | undefined;
  /** Resolves with the next one. */
  ready(): Promise<Connection>;
}

/** The events that a client wants, and who receives them; outlives each single connection. */
export class EventReceivers {
  readonly #owner: EventReceiversOwner;
  readonly #logger: Logger;
  readonly #watched = new Map<string, Watched>();

  constructor(owner: EventReceiversOwner, logger: Logger) {
    this.#owner = owner;
    this.#logger = logger;
  }

  /** Adds a receiver; the first one of a name asks the server for the event. */
  add(name: string, receive: Receive, options: WatchOptions): EventSubscription {
    const known = this.#watched.get(name);
    const watched = known ?? { receivers: new Set<Receiver>(), options, asked: undefined };
    this.#watched.set(name, watched);
    // What was refused once may be allowed now, after another proof of who we are.
    const asked = watched.asked ?? this.#ask(name, watched);
    const receiver = { receive };
    watched.receivers.add(receiver);
    return { ready: asked, close: () => this.#remove(name, receiver) };
  }

  /** Asks a new connection for everything that is wanted. */
  renew(connection: Connection): void {
    for (const [name, watched] of this.#watched) {
      ask(connection, name, watched.options).catch((thrown: unknown) => {
        const { code, message } = SealwireError.from(thrown);
        this.#logger.warn({ code, event: name }, `the event is not watched again: ${message}`);
      });
    }
  }

  receive(name: string, data: unknown): void {
    for (const { receive } of this.#watched.get(name)?.receivers ?? NOBODY) {
      tell(this.#logger, { event: name }, () => receive(data));
    }
  }

  #ask(name: string, watched: Watched): Promise<void> {
    const { connection } = this.#owner;
    // A connection that is still to come asks for all that is wanted by then, and for this again.
    const asked = connection
      ? ask(connection, name, watched.options)
      : this.#owner.ready().then((next) => ask(next, name, watched.options));
    watched.asked = asked;
    // Whoever does not look at `ready` must not be hit by its rejection.
    asked.catch(() => {
      watched.asked = undefined;
    });
    return asked;
  }

  #remove(name: string, receiver: Receiver): void {
    const watched = this.#watched.get(name);
    if (!watched?.receivers.delete(receiver) || watched.receivers.size > 0) return;
    this.#watched.delete(name);
    const { connection } = this.#owner;
    if (!connection?.vocabulary.subscriptions) return;
    connection.call("$events.unwatch", [name]).catch(() => {});
  }
}

interface Watched {
  readonly receivers: Set<Receiver>;
  readonly options: WatchOptions;
  /** Absent when the server refused. */
  asked: Promise<void> | undefined;
}

interface Receiver {
  readonly receive: Receive;
}

const NOBODY: ReadonlySet<Receiver> = new Set();

/** Wires without subscriptions send every event anyway. */
async function ask(connection: Connection, name: string, options: WatchOptions): Promise<void> {
  if (!connection.vocabulary.kinds.has("event")) throw noEvents(connection.dialect);
  if (!connection.vocabulary.subscriptions) return;
  await connection.call("$events.watch", [name, options.slow ?? null, options.buffer ?? null]);
}

function noEvents(dialect: string): SealwireError {
  return new SealwireError("UNSUPPORTED", `the dialect ${dialect} has no events`);
}
