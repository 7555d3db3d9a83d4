import type { Logger } from "../core/contracts/logger.ts";
import type { Connection } from "../core/engine/connection.ts";
import { isThenable } from "../core/engine/thenable.ts";
import type { EventReceiver } from "./events.ts";

/** So many events of one peer may wait for slow receivers; more fall, and the log says so. */
const MAX_WAITING = 4_096;

/**
 * Sends what receivers return back as the event `<name>_response`, on wires that answer events:
 * for each name in the order of the events, as such answers carry no id.
 */
export class EventAnswers {
  readonly #logger: Logger;
  readonly #waiting = new WeakMap<Connection, Waiting>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Tells all receivers; what the last one returns is the answer, `undefined` is none. */
  give(
    connection: Connection,
    name: string,
    data: unknown,
    receivers: Iterable<EventReceiver>,
  ): void {
    const waiting = this.#waiting.get(connection) ?? { count: 0, latest: new Map() };
    const before = waiting.latest.get(name);
    if (waiting.count >= MAX_WAITING) return this.#dropped(connection, name);
    const returned = Array.from(receivers, (each) => this.#run(each, connection, name, data));
    if (!before && !returned.some(isThenable)) return answer(connection, name, returned.at(-1));
    this.#waiting.set(connection, waiting);
    waiting.count += 1;
    const done = this.#after(before, returned, connection, name).then((value) => {
      answer(connection, name, value);
      waiting.count -= 1;
      if (waiting.latest.get(name) === done) waiting.latest.delete(name);
    });
    waiting.latest.set(name, done);
  }

  #run(receive: EventReceiver, connection: Connection, name: string, data: unknown): unknown {
    try {
      return receive(data, connection);
    } catch (err) {
      return this.#failed(connection, name, err);
    }
  }

  async #after(
    before: Promise<void> | undefined,
    returned: readonly unknown[],
    connection: Connection,
    name: string,
  ): Promise<unknown> {
    const settled = returned.map((each) =>
      Promise.resolve(each).catch((err: unknown) => this.#failed(connection, name, err)),
    );
    await before;
    return (await Promise.all(settled)).at(-1);
  }

  #failed({ id }: Connection, event: string, err: unknown): undefined {
    this.#logger.error({ connection: id, event, err }, "a receiver failed");
  }

  #dropped({ id }: Connection, event: string): void {
    this.#logger.warn({ connection: id, event }, "too many events wait: one was dropped");
  }
}

interface Waiting {
  count: number;
  /** The answer to the latest event of each name, while it is not given. */
  readonly latest: Map<string, Promise<void>>;
}

function answer(connection: Connection, name: string, value: unknown): void {
  if (value !== undefined) connection.push(`${name}_response`, value);
}
