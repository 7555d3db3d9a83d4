import type { ClientHost } from "../../core/contracts/feature.ts";
import { fieldsOf } from "../../core/engine/fields.ts";
import { SealwireError } from "../../core/model/errors.ts";
import type { StateLimits } from "./options.ts";
import { ServerWatch } from "./server-watch.ts";
import type {
  SharedStateClientOptions,
  StateMembers,
  StateWatchOptions,
  VersionExpected,
} from "./shared-state-client.ts";
import { readChange, STATE_EVENT } from "./state-event.ts";
import { type Variable, Variables, type VariableVersion, variableOf } from "./variables.ts";
import type { WatchedVariable } from "./watch-item.ts";

/** What one client knows of its server's variables. */
export class KnownVariables implements StateMembers {
  readonly #host: ClientHost;
  readonly #limits: StateLimits;
  readonly #known: Variables;
  readonly #onError: NonNullable<SharedStateClientOptions["onError"]>;
  readonly #watch: ServerWatch;
  readonly #closing = new AbortController();
  #following: Promise<void> | undefined;
  #refreshes = false;
  #broken = false;

  constructor(
    host: ClientHost,
    limits: StateLimits,
    onError: NonNullable<SharedStateClientOptions["onError"]>,
  ) {
    this.#host = host;
    this.#limits = limits;
    this.#known = new Variables(limits);
    this.#onError = onError;
    this.#watch = new ServerWatch(host);
    host.onEvent(STATE_EVENT, (data) => this.#changed(data));
    host.onState((state) => {
      this.#watch.stands(state);
      if (state === "broken") this.#broken = true;
      if (state === "open" && this.#broken) this.#reopened();
    });
    host.onClose(async () => this.#closing.abort());
  }

  get(name: string): unknown {
    return this.#known.find(name)?.value;
  }

  async set(name: string, value: unknown, { expected }: VersionExpected = {}): Promise<void> {
    if (expected !== undefined) {
      await this.cas(name, value, expected);
      return;
    }
    const before = this.#known.find(name);
    // The server has not counted it yet: what it tells next is newer.
    const entry = this.#put(name, value, before?.version ?? 0);
    try {
      await this.#ask("$state.put", [name, value]);
    } catch (thrown) {
      if (this.#known.find(name) === entry) this.#known.restore(name, before);
      throw thrown;
    }
  }

  async cas(name: string, value: unknown, expected: number): Promise<number> {
    const version = Number(await this.#ask("$state.cas", [name, value, expected]));
    // What the server has told of this version is what a merge or a schema has made of the value.
    if (this.#known.find(name)?.version !== version) this.#learn({ name, value, version });
    return version;
  }

  async add(name: string, amount = 1): Promise<number> {
    const { value, version } = fieldsOf(await this.#ask("$state.add", [name, amount]));
    if (typeof version === "number") this.#learn({ name, value, version });
    return Number(value);
  }

  async delete(name: string, { expected }: VersionExpected = {}): Promise<boolean> {
    const before = this.#known.find(name);
    const args = expected === undefined ? [name] : [name, expected];
    const deleted = await this.#ask("$state.delete", args);
    if (this.#known.find(name) === before) this.#known.delete(name);
    return deleted === true;
  }

  async fetch(name: string): Promise<unknown> {
    const before = this.#known.find(name);
    const value = await this.#ask("$state.get", [name]);
    // What came meanwhile is newer, or the same.
    if (this.#known.find(name) === before) this.#learn({ name, value });
    return value;
  }

  async entry(name: string): Promise<VariableVersion | undefined> {
    return versionFrom(await this.#ask("$state.entry", [name]));
  }

  async history(name: string): Promise<readonly VariableVersion[]> {
    const versions = await this.#ask("$state.history", [name]);
    if (!Array.isArray(versions)) return [];
    return versions.map(versionFrom).filter((version) => version !== undefined);
  }

  async refresh(): Promise<ReadonlyMap<string, unknown>> {
    const before = new Map(this.#known.entries());
    const pairs = await this.#ask("$state.all", []);
    this.#refreshes = true;
    const values = new Map(Array.isArray(pairs) ? pairs.filter(isPair) : []);
    for (const name of new Set([...before.keys(), ...values.keys()])) {
      if (this.#known.find(name) !== before.get(name)) continue;
      this.#learn({ name, value: values.get(name) });
    }
    return this.all();
  }

  follow(): Promise<void> {
    this.#following ??= new Promise((resolve, reject) => {
      this.#follow(resolve).catch((thrown: unknown) => {
        this.#following = undefined;
        reject(thrown);
        if (!this.#closing.signal.aborted) this.#onError(SealwireError.from(thrown), undefined);
      });
    });
    return this.#following;
  }

  watch(
    target: string | { readonly prefix: string },
    options: StateWatchOptions = {},
  ): AsyncIterableIterator<WatchedVariable, undefined> {
    return this.#learning(this.#watch.open(target, options));
  }

  /** Of large values that are watched there are no events. */
  async *#learning(
    watch: AsyncIterable<WatchedVariable, undefined>,
  ): AsyncGenerator<WatchedVariable, undefined> {
    for await (const seen of watch) {
      if (!seen.initial) this.#told(seen);
      yield seen;
    }
    return undefined;
  }

  all(): ReadonlyMap<string, unknown> {
    return new Map(Array.from(this.#known.entries(), ([name, { value }]) => [name, value]));
  }

  async #follow(onReady: () => void): Promise<void> {
    const { signal } = this.#closing;
    // What is not among the first is not there: as if it were deleted.
    const unconfirmed = new Set(this.#known.entries().keys());
    const ready = (): void => {
      for (const name of unconfirmed) this.#known.delete(name);
      unconfirmed.clear();
      onReady();
    };
    for await (const seen of this.#watch.open({ prefix: "" }, { signal, onReady: ready })) {
      unconfirmed.delete(seen.name);
      this.#told(seen);
    }
    onReady();
  }

  #ask(procedure: string, positional: readonly unknown[]): Promise<unknown> {
    return this.#host.call(procedure, { positional, named: {} });
  }

  #changed(data: unknown): void {
    const change = readChange(data);
    if (change) this.#told(change);
  }

  #told(change: Learned): void {
    try {
      this.#learn(change);
    } catch (thrown) {
      this.#onError(SealwireError.from(thrown), change.name);
    }
  }

  /** Nothing that is older than what is known: events and answers overtake each other in pools. */
  #learn({ name, value, version }: Learned): void {
    const known = this.#known.find(name)?.version ?? 0;
    if (version !== undefined && version < known) return;
    if (value === undefined) this.#known.delete(name);
    else this.#put(name, value, version ?? known);
  }

  #put(name: string, value: unknown, version: number): Variable {
    const variable = variableOf(name, { value, version, at: 0, history: [] }, this.#limits);
    this.#known.put(name, variable);
    return variable;
  }

  /** Changes may have been missed; only who has asked before knows that it can be asked. */
  #reopened(): void {
    this.#broken = false;
    // A server without a store counts from the beginning when it is started anew.
    for (const [name, variable] of [...this.#known.entries()]) {
      this.#known.restore(name, { ...variable, version: 0 });
    }
    if (!this.#refreshes) return;
    this.refresh().catch((thrown: unknown) => {
      this.#onError(SealwireError.from(thrown), undefined);
    });
  }
}

/** What is told of a variable; of unknown version it is believed. */
interface Learned {
  readonly name: string;
  readonly value?: unknown;
  readonly version?: number;
}

function isPair(value: unknown): value is readonly [string, unknown] {
  return Array.isArray(value) && value.length === 2 && typeof value[0] === "string";
}

function versionFrom(answer: unknown): VariableVersion | undefined {
  const { value, version, at } = fieldsOf(answer);
  if (typeof version !== "number" || typeof at !== "number") return undefined;
  return { value, version, at };
}
