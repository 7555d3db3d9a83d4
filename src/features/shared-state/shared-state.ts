import { encodeHex } from "../../bytes/text.ts";
import type { Feature, Host } from "../../core/contracts/feature.ts";
import { type Logger, SILENT } from "../../core/contracts/logger.ts";
import { checkWord } from "../../core/engine/check-options.ts";
import { SealwireError } from "../../core/model/errors.ts";
import type { Peer } from "../../core/model/peer.ts";
import { randomBytes } from "../../crypto/random.ts";
import { ClientAccess, versionsOf } from "./client-access.ts";
import { CommonLedger } from "./common-ledger.ts";
import { Declarations, permits, type VariableDeclaration } from "./declaration.ts";
import { storeJournal } from "./journal.ts";
import { Ledger, type LedgerChange, type VariableKeeper } from "./ledger.ts";
import type { Operation } from "./operation.ts";
import { type SharedStateOptions, type StateLimits, stateLimits, watchLimits } from "./options.ts";
import { isLarge } from "./packed-changes.ts";
import { addProcedures } from "./procedures.ts";
import { STATE_EVENT, type StateChange } from "./state-event.ts";
import type { StateTransaction } from "./transaction.ts";
import type { VariableVersion } from "./variables.ts";
import { readItem, type WatchedVariable } from "./watch-item.ts";
import { WatchProgress } from "./watch-progress.ts";
import { Watches } from "./watches.ts";
import { Writer } from "./writer.ts";

/**
 * Variables that a server shares with its clients: each has a version, every change is told to all
 * who watch. Unless something else is declared, every client that has proven who it is may read and
 * write them, and the last write wins.
 *
 * @throws `INVALID_ARGUMENT` for an option that makes no sense
 */
export function sharedState(options: SharedStateOptions = {}): Feature<SharedState> {
  const { undeclared = "allow", declare = {} } = options;
  checkWord("undeclared", undeclared, ["allow", "refuse"]);
  const declarations = new Declarations(declare, undeclared);
  stateLimits(options);
  watchLimits(options);
  return (host) => new SharedState(host, declarations, options);
}

/** What is watched: one variable by its name, or all that begin alike. */
export type WatchTarget = string | { readonly prefix: string };

/** How a server watches. */
export interface ServerWatchOptions {
  readonly signal?: AbortSignal;
  /** What was there has been told. */
  readonly onReady?: () => void;
}

/** The variables of a server. */
export class SharedState {
  readonly #host: Host;
  readonly #logger: Logger;
  readonly #declarations: Declarations;
  readonly #ledger: VariableKeeper;
  readonly #watches: Watches;
  readonly #writer: Writer;
  readonly #options: SharedStateOptions;
  #closed: Promise<void> | undefined;

  /** Use `server.install(sharedState())`. */
  constructor(host: Host, declarations: Declarations, options: SharedStateOptions) {
    const { logger = SILENT, store, now = Date.now } = options;
    this.#host = host;
    this.#logger = logger;
    this.#declarations = declarations;
    this.#options = options;
    const limits = stateLimits(options);
    this.#ledger = keeperFor(store, limits, (change) => this.#publish(change));
    this.#watches = new Watches(this.#watchesOwner(now), encodeHex(randomBytes(8)));
    this.#writer = new Writer(this.#ledger, declarations, limits, now);
    addProcedures(host, this.#forClients(), declarations.anyForEveryone);
    host.onStart(() => this.ready);
    host.onClose(() => this.close());
  }

  /** Resolves when what the store has is here. @throws why it cannot be read */
  get ready(): Promise<void> {
    return this.#ledger.ready;
  }

  /** Where the variables are kept. */
  get keptIn(): string {
    return this.#options.store?.description ?? "memory";
  }

  /**
   * Says what holds for a variable, as the option `declare` does; before clients come.
   *
   * @throws `INVALID_ARGUMENT` for a rule that makes no sense, and for the first one that is for
   * everyone to read: such ones stand in the options
   */
  declare(name: string, declaration: VariableDeclaration): void {
    if (declaration.read === "everyone" && !this.#declarations.anyForEveryone) throw forEveryone();
    this.#declarations.add(name, declaration);
  }

  /** The value of a variable, `undefined` if there is none. Do not change what it holds. */
  get(name: string): unknown {
    return this.#ledger.variables.find(name)?.value;
  }

  /** The value with its version and when it was written. */
  entry(name: string): VariableVersion | undefined {
    return this.history(name).at(-1);
  }

  /** All variables as they are now. */
  all(): ReadonlyMap<string, unknown> {
    const entries = this.#ledger.variables.entries();
    return new Map(Array.from(entries, ([name, { value }]) => [name, value]));
  }

  /** The versions that are kept, the oldest first, the present one last. */
  history(name: string): readonly VariableVersion[] {
    return versionsOf(this.#ledger.variables.find(name));
  }

  /**
   * Sets a variable and tells all that can be told. Resolves with its new version when it is kept;
   * without a store it is there at once. With `expected`, only if it still has that version.
   *
   * @throws `CONFLICT` with the present version, `TOO_LARGE` beyond the limits, `INVALID_ARGUMENT`
   * for what is no name or no value or does not fit its schema, `UNAVAILABLE` when the store cannot
   * keep it
   */
  set(name: string, value: unknown, options: { readonly expected?: number } = {}): Promise<number> {
    const operation: Operation = { kind: "set", name, value, ...options };
    const written = this.#writer.write(operation, "server");
    return this.#minded(written.then((after) => after?.version ?? 0));
  }

  /** Adds to a number, which is 0 as long as there is none; resolves with the sum. @throws as `set` */
  add(name: string, amount = 1): Promise<number> {
    const added = this.#writer.write({ kind: "add", name, amount }, "server");
    return this.#minded(added.then((after) => Number(after?.value)));
  }

  /** Resolves with whether there was such a variable. @throws as `set` */
  delete(name: string, options: { readonly expected?: number } = {}): Promise<boolean> {
    return this.#minded(this.#writer.remove({ kind: "delete", name, ...options }, "server"));
  }

  /**
   * Reads and writes several variables: all of it happens or, if the function throws, nothing. It
   * does not wait for anything. Resolves with what it returns, when that is kept.
   *
   * @throws what the function throws, and as `set`
   */
  transaction<Result>(work: (variables: StateTransaction) => Result): Promise<Result> {
    return this.#minded(this.#writer.transaction(work));
  }

  /**
   * One variable by its name, or all that begin with a prefix: first what is there, then every
   * change in order. The signal ends it, as leaving the loop does.
   *
   * @throws `RATE_LIMITED` when more than `maxBacklog` changes wait to be taken
   */
  async *watch(
    target: WatchTarget,
    { signal, onReady }: ServerWatchOptions = {},
  ): AsyncGenerator<WatchedVariable, undefined> {
    await this.ready;
    const progress = new WatchProgress(onReady);
    const wanted = typeof target === "string" ? { key: target } : { prefix: target.prefix };
    for await (const item of this.#watches.open({ wanted, signal })) {
      const read = readItem(item);
      if (read) yield* progress.take(read);
    }
    return undefined;
  }

  /** Ends all watches, and lets the store finish and close. The server does it at its own end. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#watches.close();
    await this.#ledger.close();
    await this.#options.store?.close();
  }

  #watchesOwner(now: () => number): ConstructorParameters<typeof Watches>[0] {
    return {
      limits: { ...watchLimits(this.#options), maxBytes: stateLimits(this.#options).maxBytes },
      now,
      entries: () => this.#ledger.variables.entries(),
      mayRead: (principal, name, variable) =>
        permits(this.#declarations.find(name)?.read, principal, name, variable),
    };
  }

  #forClients(): ClientAccess {
    const { variables } = this.#ledger;
    const parts = { declarations: this.#declarations, watches: this.#watches };
    return new ClientAccess({ ...parts, variables, writer: this.#writer });
  }

  #publish(change: LedgerChange): void {
    this.#watches.publish(change);
    const { name, variable, version } = change;
    // Events go to everyone who has proven who it is: nothing that not all of them may read.
    const { read = "proven" } = this.#declarations.find(name) ?? {};
    if (read !== "proven" && read !== "everyone") return;
    this.#tell(variable ? { name, version, value: variable.value } : { name, version });
  }

  /** Nobody waits for the slow: what becomes of them is said by the server's `slowConsumer`. */
  #tell(change: StateChange): void {
    const { name, value } = change;
    // Whoever watches a large value has it from there, as what has changed in it.
    const filter = (peer: Peer): boolean => !this.#watches.bringsLarge(peer, name);
    // Each node of a cluster watches the store itself.
    const options = { local: true, ...(isLarge(value) && { filter }) };
    this.#host.broadcast(STATE_EVENT, change, options).catch((err: unknown) => {
      this.#logger.error({ err, variable: change.name }, "a change was not told");
    });
  }

  /** A write that nobody waits for must not end the process when it fails. */
  #minded<Result>(write: Promise<Result>): Promise<Result> {
    write.catch((err: unknown) => {
      // Whoever names a version waits for the answer.
      if (SealwireError.from(err).code === "CONFLICT") return;
      this.#logger.warn({ err }, "a shared variable was not written");
    });
    return write;
  }
}

/** A store with transactions has one process; without, others may write to it as well. */
function keeperFor(
  store: SharedStateOptions["store"],
  limits: StateLimits,
  publish: (change: LedgerChange) => void,
): VariableKeeper {
  if (store && !store.transact) return new CommonLedger(store, limits, publish);
  const journal = store?.transact && storeJournal(store, store.transact);
  return new Ledger(limits, journal, publish);
}

/** Whether procedures are public is known when they are registered. */
function forEveryone(): SealwireError {
  const message = "a variable that everyone may read is declared in the options of sharedState";
  return new SealwireError("INVALID_ARGUMENT", message);
}
