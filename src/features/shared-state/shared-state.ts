import type { Feature, Host } from "../../core/contracts/feature.ts";
import { type Logger, SILENT } from "../../core/contracts/logger.ts";
import { bindNamed, type NamedHandler } from "../../core/engine/bind.ts";
import { type StateLimits, stateLimits } from "./options.ts";
import { NAME, VALUE } from "./params.ts";
import { STATE_EVENT, type StateChange } from "./state-event.ts";
import { Variables } from "./variables.ts";

/** How variables are shared. */
export interface SharedStateOptions extends Partial<StateLimits> {
  /** Where it is told that a change could not be sent. @default silence */
  readonly logger?: Logger;
}

/**
 * Variables that a server shares with its clients: each may read and write them, the last write
 * wins, and every change is told to all that can be told. Clients must have proven who they are.
 *
 * @throws `INVALID_ARGUMENT` for an option that makes no sense
 */
export function sharedState(options: SharedStateOptions = {}): Feature<SharedState> {
  const { logger = SILENT } = options;
  const limits = stateLimits(options);
  return (host) => {
    const state = new SharedState(host, limits, logger);
    answer(host, "$state.put", PUT, { name: NAME, value: VALUE }, ({ name, value }) => {
      state.set(String(name), value);
      return true;
    });
    answer(host, "$state.get", GET, { name: NAME }, ({ name }) => state.get(String(name)));
    answer(host, "$state.delete", DELETE, { name: NAME }, ({ name }) => state.delete(String(name)));
    // A list of pairs: as keys of an object some names would not come through every wire.
    answer(host, "$state.all", ALL, {}, () => [...state.all()]);
    return state;
  };
}

/** The variables of a server. */
export class SharedState {
  readonly #host: Host;
  readonly #logger: Logger;
  readonly #variables: Variables;

  /** Use `server.install(sharedState())`. */
  constructor(host: Host, limits: StateLimits, logger: Logger) {
    this.#host = host;
    this.#logger = logger;
    this.#variables = new Variables(limits);
  }

  /** The value of a variable, `undefined` if there is none. Do not change what it holds. */
  get(name: string): unknown {
    return this.#variables.find(name)?.value;
  }

  /**
   * Sets a variable, and tells all that can be told.
   *
   * @throws `TOO_LARGE` beyond the limits, `INVALID_ARGUMENT` for what is no name or no value
   */
  set(name: string, value: unknown): void {
    this.#variables.put(name, value);
    this.#tell({ name, value });
  }

  /** Whether there was such a variable. */
  delete(name: string): boolean {
    const deleted = this.#variables.delete(name);
    if (deleted) this.#tell({ name });
    return deleted;
  }

  /** All variables as they are now. */
  all(): ReadonlyMap<string, unknown> {
    return this.#variables.all();
  }

  /** Nobody waits for the slow: what becomes of them is said by the server's `slowConsumer`. */
  #tell(change: StateChange): void {
    this.#host.broadcast(STATE_EVENT, change).catch((err: unknown) => {
      this.#logger.error({ err, variable: change.name }, "a change was not told");
    });
  }
}

const PUT = "Sets a shared variable: (name, value).";
const GET = "The value of a shared variable: (name).";
const DELETE = "Deletes a shared variable: (name).";
const ALL = "All shared variables, as pairs of name and value.";

function answer(
  host: Host,
  name: string,
  description: string,
  params: NonNullable<Parameters<Host["procedure"]>[1]["params"]>,
  handler: NamedHandler,
): void {
  host.procedure(name, { description, params }, bindNamed(params, handler));
}
