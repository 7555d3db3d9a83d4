import { equalBytes } from "../../bytes/equal.ts";
import type { Change, Store } from "../../core/contracts/store.ts";
import { pause } from "../../core/engine/pause.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { draftOver } from "./draft.ts";
import type { Draft, LedgerChange, VariableKeeper } from "./ledger.ts";
import type { StateLimits } from "./options.ts";
import {
  FLOOR,
  formatFloor,
  formatRecord,
  readFloor,
  readRecord,
  STATE,
  VARIABLE,
} from "./record.ts";
import { Turns } from "./turns.ts";
import { type Variable, Variables } from "./variables.ts";

/** Others may be faster so often; then a write gives up. */
const MAX_TRIES = 100;
/** How long a write waits for the watch to tell of it. */
const MAX_SILENCE_MS = 10_000;
/** Between two tries to watch a store that is gone. */
const PAUSE_MS = 250;

/**
 * Variables in a store to which other servers write as well. What is known here comes from one
 * watch alone; a write names the version in the store that it has seen, and is tried again when
 * another server was faster. It is over when the watch has told of it, so who writes reads it.
 */
export class CommonLedger implements VariableKeeper {
  readonly #store: Store;
  readonly #publish: (change: LedgerChange) => void;
  readonly #kept: Variables;
  /** The versions of the store, which are not those of the variables. */
  readonly #stored = new Map<string, number>();
  readonly #closing = new AbortController();
  /** One write of each variable at a time: those of this server need not race each other. */
  readonly #turns = new Turns();
  /** Who waits for the watch to tell of a name; no more than one, as each name has its turns. */
  readonly #waiting = new Map<string, { readonly go: () => void; readonly giveUp: () => void }>();
  /** What is being written, to be known again when the watch tells of it. */
  readonly #writing = new Map<
    string,
    { readonly variable: Variable; readonly record: Uint8Array }
  >();
  #floor = 0;
  /** Everything was told once. */
  #watched = false;
  readonly ready: Promise<void>;

  constructor(store: Store, limits: StateLimits, publish: (change: LedgerChange) => void) {
    this.#store = store;
    this.#publish = publish;
    this.#kept = new Variables(limits);
    this.ready = new Promise((resolve, reject) => {
      this.#follow(resolve).catch(reject);
    });
    this.ready.catch(() => {});
  }

  get variables(): Pick<Variables, "find" | "entries"> {
    return this.#kept;
  }

  /** Nobody sees a value before the store has it. */
  check(): void {}

  submit<Result>(work: (draft: Draft) => Result): Promise<Result> {
    if (!this.#watched) return this.ready.then(() => this.submit(work));
    try {
      const first = this.#tryOut(work);
      const change = this.#only(first);
      if (!change) return Promise.resolve(first.result);
      return this.#turns.take(change.name, () => this.#write(work, first));
    } catch (thrown) {
      return Promise.reject(thrown);
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    for (const { giveUp } of [...this.#waiting.values()]) giveUp();
    await this.#turns.idle();
  }

  #tryOut<Result>(work: (draft: Draft) => Result): Tried<Result> {
    const changes: LedgerChange[] = [];
    const result = work(draftOver(this.#kept, this.#floor, changes));
    return { result, changes, floor: this.#floor };
  }

  /** The one change that was made, if any. @throws `UNSUPPORTED` for several */
  #only({ changes }: Tried<unknown>): LedgerChange | undefined {
    if (changes.length > 1) throw several(this.#store);
    return changes[0];
  }

  /** Whether it would come to the same if it were tried now. */
  #holds({ changes, floor }: Tried<unknown>): boolean {
    const [change] = changes;
    return floor === this.#floor && this.#kept.find(change?.name ?? "") === change?.previous;
  }

  async #write<Result>(work: (draft: Draft) => Result, first: Tried<Result>): Promise<Result> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const isFresh = tries === 0 && this.#holds(first);
      const tried = isFresh ? first : this.#tryOut(work);
      const change = this.#only(tried);
      if (!change) return tried.result;
      const { name, variable } = change;
      const seen = this.#stored.get(name) ?? 0;
      let isDone = true;
      try {
        if (variable) await this.#put(name, variable, seen);
        else await this.#remove(change, seen);
      } catch (thrown) {
        this.#writing.delete(name);
        if (SealwireError.from(thrown).code !== "CONFLICT") throw thrown;
        isDone = false;
      }
      if ((this.#stored.get(name) ?? 0) === seen) await this.#told(name);
      if (isDone) return tried.result;
    }
    throw new SealwireError("UNAVAILABLE", "other servers were always faster; try again");
  }

  #put(name: string, variable: Variable, seen: number): Promise<number> {
    const record = formatRecord(variable);
    // What could change meanwhile, or come back as another text, is read from what the store tells.
    if (typeof variable.value === "number") this.#writing.set(name, { variable, record });
    return this.#store.put(VARIABLE + name, record, seen);
  }

  async #remove({ name, version }: LedgerChange, expected: number): Promise<void> {
    await this.#raiseFloor(version);
    await this.#store.delete(VARIABLE + name, expected);
  }

  /** Before a deletion, so that whoever knows of that knows this. */
  async #raiseFloor(floor: number): Promise<void> {
    while (this.#floor < floor) {
      const present = await this.#store.get(FLOOR);
      if (present && readFloor(present.value) >= floor) return;
      try {
        await this.#store.put(FLOOR, formatFloor(floor), present?.version ?? 0);
        return;
      } catch (thrown) {
        if (SealwireError.from(thrown).code !== "CONFLICT") throw thrown;
      }
    }
  }

  async #follow(onReady: () => void): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      const missing = new Set(this.#stored.keys());
      const onCaughtUp = (): void => {
        // What was there before and is not told of any more was deleted meanwhile.
        for (const name of missing) this.#take(name, undefined, 0);
        missing.clear();
        this.#watched = true;
        onReady();
      };
      try {
        for await (const change of this.#store.watch(STATE, { signal, onCaughtUp })) {
          missing.delete(change.key.slice(VARIABLE.length));
          this.#hear(change);
        }
      } catch (thrown) {
        // At the beginning somebody waits to be told; later the store may come back.
        if (!this.#watched) throw thrown;
      }
      if (!signal.aborted) await pause(PAUSE_MS, signal);
    }
  }

  #hear({ key, entry, version }: Change): void {
    if (key === FLOOR && entry) this.#floor = Math.max(this.#floor, readFloor(entry.value));
    if (!key.startsWith(VARIABLE)) return;
    const name = key.slice(VARIABLE.length);
    if (version <= (this.#stored.get(name) ?? 0)) return;
    this.#take(name, entry && this.#variableIn(name, entry.value), version);
  }

  #variableIn(name: string, record: Uint8Array): Variable {
    const writing = this.#writing.get(name);
    const isOwn = writing !== undefined && equalBytes(writing.record, record);
    return isOwn ? writing.variable : readRecord(name, record);
  }

  #take(name: string, variable: Variable | undefined, stored: number): void {
    const previous = this.#kept.find(name);
    if (variable) this.#stored.set(name, stored);
    else this.#stored.delete(name);
    this.#kept.restore(name, variable);
    this.#writing.delete(name);
    this.#waiting.get(name)?.go();
    if (!variable && !previous) return;
    const version = variable?.version ?? (previous?.version ?? 0) + 1;
    if (!variable) this.#floor = Math.max(this.#floor, version);
    this.#publish({ name, version, ...(variable && { variable }), ...(previous && { previous }) });
  }

  /** Resolves when the watch tells of it. */
  #told(name: string): Promise<void> {
    if (this.#closing.signal.aborted) return Promise.reject(silent(this.#store));
    return new Promise((resolve, reject) => {
      const over = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(name);
      };
      const giveUp = (): void => {
        over();
        reject(silent(this.#store));
      };
      const go = (): void => {
        over();
        resolve();
      };
      const timer = setTimeout(giveUp, MAX_SILENCE_MS);
      this.#waiting.set(name, { go, giveUp });
    });
  }
}

/** What came of work that has not been kept yet. */
interface Tried<Result> {
  readonly result: Result;
  readonly changes: readonly LedgerChange[];
  readonly floor: number;
}

function several({ description }: Store): SealwireError {
  const message = `${description} keeps one change at a time, not several as one`;
  return new SealwireError("UNSUPPORTED", message);
}

function silent({ description }: Store): SealwireError {
  const message = `${description} does not tell of what was written: it may have been kept or not`;
  return new SealwireError("UNAVAILABLE", message);
}
