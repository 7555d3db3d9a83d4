import type { Connection } from "../core/engine/connection.ts";
import { weightOf } from "../core/engine/weight.ts";
import { SealwireError } from "../core/model/errors.ts";
import type { ServerConfig } from "./options.ts";

/** What waits for one peer that has no channel now. */
interface Waiting {
  events: number;
  bytes: number;
}

/**
 * Events for peers that have no channel now and may come back: they wait with the connection and
 * nobody waits for them. A peer for which too much waits is given up.
 */
export class Absent {
  readonly #config: ServerConfig;
  readonly #waiting = new Map<Connection, Waiting>();

  constructor(config: ServerConfig) {
    this.#config = config;
  }

  /** Keeps one event for a peer that is away. */
  keep(connection: Connection, name: string, data: unknown): void {
    const { limits, resume } = this.#config;
    const waiting = this.#waiting.get(connection) ?? { events: 0, bytes: 0 };
    waiting.events += 1;
    waiting.bytes += weightOf(data);
    this.#waiting.set(connection, waiting);
    const most = resume ? resume.maxHeldBytes : 0;
    if (waiting.events > limits.maxHeldMessages || waiting.bytes > most) {
      void connection.close(tooMuch(waiting));
    } else connection.push(name, data);
  }

  /** A peer is back, or gone for good. */
  forget(connection: Connection): void {
    this.#waiting.delete(connection);
  }
}

function tooMuch({ events, bytes }: Waiting): SealwireError {
  const message = `${events} events (${bytes} bytes) wait for a peer that is away: too many`;
  return new SealwireError("RATE_LIMITED", message);
}
