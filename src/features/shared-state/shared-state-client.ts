import type { ClientFeature } from "../../core/contracts/feature.ts";
import type { SealwireError } from "../../core/model/errors.ts";
import { KnownVariables } from "./known-variables.ts";
import { type StateLimits, stateLimits } from "./options.ts";
import type { VariableVersion } from "./variables.ts";
import { variablesAsProperties } from "./variables-as-properties.ts";
import type { WatchedVariable } from "./watch-item.ts";

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
  /**
   * Sets it here at once and on the server; if that fails, here it becomes what it was. With
   * `expected`, only if it still has that version, and here only when the server has it.
   *
   * @throws `CONFLICT` with the present version in `details`, `PERMISSION_DENIED`, `TOO_LARGE`
   */
  set(name: string, value: unknown, options?: VersionExpected): Promise<void>;
  /** Sets it if it still has version `expected` (0: there is none); resolves with the new one. */
  cas(name: string, value: unknown, expected: number): Promise<number>;
  /** Adds to a number, 1 if nothing else is said; resolves with the sum. */
  add(name: string, amount?: number): Promise<number>;
  /** Deletes it; resolves with whether the server had it. `UNSUPPORTED` on wires without. */
  delete(name: string, options?: VersionExpected): Promise<boolean>;
  /** Asks the server for the value. @throws an error of the wire where it cannot be asked */
  fetch(name: string): Promise<unknown>;
  /** Asks for the value with its version, as `cas` wants it; `undefined` if there is none. */
  entry(name: string): Promise<VariableVersion | undefined>;
  /** Asks for the versions that the server keeps, the oldest first. */
  history(name: string): Promise<readonly VariableVersion[]>;
  /** Asks the server for all values, and again after each reconnection. */
  refresh(): Promise<ReadonlyMap<string, unknown>>;
  /**
   * From now on all variables are known here and stay so, after breaks too. Resolves when they are.
   *
   * @throws `UNSUPPORTED` on wires without streams
   */
  follow(): Promise<void>;
  /**
   * One variable by its name, or all that begin with a prefix: first what is there, then every
   * change in order, after breaks too. The signal ends it, as leaving the loop does.
   *
   * @throws `UNSUPPORTED` on wires without streams, `PERMISSION_DENIED`, `RATE_LIMITED` when too
   * many are open
   */
  watch(
    target: string | { readonly prefix: string },
    options?: StateWatchOptions,
  ): AsyncIterableIterator<WatchedVariable, undefined>;
  /** All that are known here. */
  all(): ReadonlyMap<string, unknown>;
}

/** How a watch is told of more than changes. */
export interface StateWatchOptions {
  readonly signal?: AbortSignal;
  /** What was there has been told; again after a break from which the watch could not go on. */
  readonly onReady?: () => void;
}

/** The version that a variable has to have still. */
export interface VersionExpected {
  readonly expected?: number;
}

function warn({ code, message }: SealwireError, name: string | undefined): void {
  const what = name === undefined ? "shared variables" : `the shared variable ${name}`;
  console.warn(`${what}: ${code}: ${message}`);
}
