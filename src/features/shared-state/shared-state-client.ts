import type { ClientFeature, ClientHost } from "../../core/contracts/feature.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { type StateLimits, stateLimits } from "./options.ts";
import { readChange, STATE_EVENT } from "./state-event.ts";
import { type Entry, Variables } from "./variables.ts";
import { variablesAsProperties } from "./variables-as-properties.ts";

/** How a client sees the variables of its server. */
export interface SharedStateClientOptions extends Partial<StateLimits> {
  /**
   * Is told what nobody waits for: an assignment that failed, a change that could not be kept.
   *
   * @default prints a warning
   */
  readonly onError?: (error: SealwireError, name: string | undefined) => void;
}

/**
 * The variables of a server that installs `sharedState`, or keeps such under the name its wire has
 * for them. What is known here comes from what this client set, what it fetched, and on wires with
 * events from every change.
 *
 * @throws `INVALID_ARGUMENT` for an option that makes no sense
 *
 * @example
 * const shared = client.install(sharedStateClient());
 * shared.counter = 5;
 * await shared.set("counter", 6);
 */
export function sharedStateClient(
  options: SharedStateClientOptions = {},
): ClientFeature<SharedStateClient> {
  const limits = stateLimits(options);
  const { onError = warn } = options;
  return (host) => variablesAsProperties(new KnownVariables(host, limits, onError), onError);
}

/** The variables as this client knows them; each is also a property of its name. */
export interface SharedStateClient extends StateMembers {
  /** Assigning sends and does not wait; names of members and of what every object has need `set`. */
  [variable: string]: unknown;
}

/** What can be done with the variables of a server. */
export interface StateMembers {
  /** The value as far as it is known here, without asking. */
  get(name: string): unknown;
  /** Sets it here at once and on the server; if that fails, here it becomes what it was. */
  set(name: string, value: unknown): Promise<void>;
  /** Deletes it; resolves with whether the server had it. `UNSUPPORTED` on wires without. */
  delete(name: string): Promise<boolean>;
  /** Asks the server for the value. @throws an error of the wire where it cannot be asked */
  fetch(name: string): Promise<unknown>;
  /** Asks the server for all values, and again after each reconnection. */
  refresh(): Promise<ReadonlyMap<string, unknown>>;
  /** All that are known here. */
  all(): ReadonlyMap<string, unknown>;
}

/** What one client knows of its server's variables. */
class KnownVariables implements StateMembers {
  readonly #host: ClientHost;
  readonly #known: Variables;
  readonly #onError: NonNullable<SharedStateClientOptions["onError"]>;
  #refreshes = false;
  #broken = false;

  constructor(
    host: ClientHost,
    limits: StateLimits,
    onError: NonNullable<SharedStateClientOptions["onError"]>,
  ) {
    this.#host = host;
    this.#known = new Variables(limits);
    this.#onError = onError;
    host.onEvent(STATE_EVENT, (data) => this.#changed(data));
    host.onState((state) => {
      if (state === "broken") this.#broken = true;
      if (state === "open" && this.#broken) this.#reopened();
    });
  }

  get(name: string): unknown {
    return this.#known.find(name)?.value;
  }

  async set(name: string, value: unknown): Promise<void> {
    const before = this.#known.find(name);
    const entry = this.#known.put(name, value);
    try {
      await this.#ask("$state.put", [name, value]);
    } catch (thrown) {
      if (this.#known.find(name) === entry) this.#restore(name, before);
      throw thrown;
    }
  }

  async delete(name: string): Promise<boolean> {
    const before = this.#known.find(name);
    const deleted = await this.#ask("$state.delete", [name]);
    if (this.#known.find(name) === before) this.#known.delete(name);
    return deleted === true;
  }

  async fetch(name: string): Promise<unknown> {
    const before = this.#known.find(name);
    const value = await this.#ask("$state.get", [name]);
    // What came meanwhile is newer, or the same.
    if (this.#known.find(name) === before) this.#learn(name, value);
    return value;
  }

  async refresh(): Promise<ReadonlyMap<string, unknown>> {
    const before = this.#known.entries();
    const pairs = await this.#ask("$state.all", []);
    this.#refreshes = true;
    const values = new Map(Array.isArray(pairs) ? pairs.filter(isPair) : []);
    for (const name of new Set([...before.keys(), ...values.keys()])) {
      if (this.#known.find(name) === before.get(name)) this.#learn(name, values.get(name));
    }
    return this.all();
  }

  all(): ReadonlyMap<string, unknown> {
    return this.#known.all();
  }

  #ask(procedure: string, positional: readonly unknown[]): Promise<unknown> {
    return this.#host.call(procedure, { positional, named: {} });
  }

  #changed(data: unknown): void {
    const change = readChange(data);
    if (!change) return;
    try {
      this.#learn(change.name, change.value);
    } catch (thrown) {
      this.#onError(SealwireError.from(thrown), change.name);
    }
  }

  #learn(name: string, value: unknown): void {
    if (value === undefined) this.#known.delete(name);
    else this.#known.put(name, value);
  }

  #restore(name: string, before: Entry | undefined): void {
    this.#known.delete(name);
    if (before) this.#known.put(name, before.value);
  }

  /** Changes may have been missed; only who has asked before knows that it can be asked. */
  #reopened(): void {
    this.#broken = false;
    if (!this.#refreshes) return;
    this.refresh().catch((thrown: unknown) => {
      this.#onError(SealwireError.from(thrown), undefined);
    });
  }
}

function isPair(value: unknown): value is readonly [string, unknown] {
  return Array.isArray(value) && value.length === 2 && typeof value[0] === "string";
}

function warn({ code, message }: SealwireError, name: string | undefined): void {
  const what = name === undefined ? "shared variables" : `the shared variable ${name}`;
  console.warn(`${what}: ${code}: ${message}`);
}
