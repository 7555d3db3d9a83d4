import { SealwireError } from "../../core/model/errors.ts";
import type { Journal } from "./journal.ts";
import type { StateLimits } from "./options.ts";
import { type Variable, Variables } from "./variables.ts";

/** One change of one variable. */
export interface LedgerChange {
  readonly name: string;
  readonly version: number;
  /** Absent where it was deleted. */
  readonly variable?: Variable;
  readonly previous?: Variable;
}

/** Where one piece of work changes variables. */
export interface Draft {
  /** As it will be, with everything that was asked before. */
  find(name: string): Variable | undefined;
  /** The version that the next change of this variable makes. */
  nextVersion(name: string): number;
  put(name: string, variable: Variable): void;
  delete(name: string): void;
}

/** Keeps variables: in this process, or in a store that several share. */
export interface VariableKeeper {
  /** Resolves when all that is kept is here. @throws why it cannot be read */
  readonly ready: Promise<void>;
  /** The variables as everybody sees them. */
  readonly variables: Pick<Variables, "find" | "entries">;
  /** Does all of the work or, where it throws, nothing. Resolves when it is kept. */
  submit<Result>(work: (draft: Draft) => Result): Promise<Result>;
  /** Refuses what could not be kept, before it is seen by anybody. @throws `INVALID_ARGUMENT` */
  check(value: unknown): void;
  /** Waits for what was asked before. */
  close(): Promise<void>;
}

/** Work that is done here, and waits to be kept. */
interface Pending {
  readonly changes: readonly LedgerChange[];
  readonly bytes: number;
  readonly settle: () => void;
  readonly fail: (error: SealwireError) => void;
}

/**
 * The variables twice: as everybody sees them, and as they will be when all that was asked is
 * kept. What the journal could not keep has never been.
 */
export class Ledger implements VariableKeeper {
  readonly #limits: StateLimits;
  readonly #journal: Journal | undefined;
  readonly #publish: (change: LedgerChange) => void;
  readonly #head: Variables;
  readonly #kept: Variables;
  /** Where versions of new variables begin: above those of all that were deleted. */
  #headFloor = 0;
  #floor = 0;
  #pending: Pending[] = [];
  #pendingBytes = 0;
  #running: Promise<void> | undefined;
  #loaded = false;
  #working = false;
  readonly #draft: Draft;
  /** Of the work under way. */
  #changes: LedgerChange[] = [];
  readonly ready: Promise<void>;

  constructor(
    limits: StateLimits,
    journal: Journal | undefined,
    publish: (change: LedgerChange) => void,
  ) {
    this.#limits = limits;
    this.#journal = journal;
    this.#publish = publish;
    this.#head = new Variables(limits);
    this.#draft = this.#makeDraft();
    // Without a journal everything is kept at once.
    this.#kept = journal ? new Variables(limits) : this.#head;
    this.ready = this.#load();
    // Whoever asks for something is told; nobody has to.
    this.ready.catch(() => {});
  }

  get variables(): Pick<Variables, "find" | "entries"> {
    return this.#kept;
  }

  submit<Result>(work: (draft: Draft) => Result): Promise<Result> {
    if (this.#journal && !this.#loaded) return this.ready.then(() => this.submit(work));
    if (this.#working) return Promise.reject(within());
    const changes: LedgerChange[] = [];
    this.#working = true;
    try {
      if (this.#pendingBytes > this.#limits.maxBytes) throw overloaded();
      const result = this.#tryOut(work, changes);
      return this.#keep(changes, result);
    } catch (thrown) {
      return Promise.reject(thrown);
    } finally {
      this.#working = false;
    }
  }

  #tryOut<Result>(work: (draft: Draft) => Result, changes: LedgerChange[]): Result {
    const floor = this.#headFloor;
    try {
      this.#changes = changes;
      return work(this.#draft);
    } catch (thrown) {
      for (const { name, previous } of changes.reverse()) this.#head.restore(name, previous);
      this.#headFloor = floor;
      throw thrown;
    }
  }

  check(value: unknown): void {
    this.#journal?.check(value);
  }

  async close(): Promise<void> {
    await this.ready.catch(() => {});
    await this.#running;
  }

  async #load(): Promise<void> {
    if (!this.#journal) return;
    const { floor, variables } = await this.#journal.load();
    for (const [name, variable] of variables) this.#kept.put(name, variable);
    this.#floor = floor;
    this.#reset();
    this.#loaded = true;
  }

  #reset(): void {
    this.#head.copy(this.#kept);
    this.#headFloor = this.#floor;
  }

  /** One for all: work never waits, nor does one piece of it begin within another. */
  #makeDraft(): Draft {
    const head = this.#head;
    const nextVersion = (name: string) => (head.find(name)?.version ?? this.#headFloor) + 1;
    return {
      find: (name) => head.find(name),
      nextVersion,
      put: (name, variable) => {
        this.#checkWorking();
        const previous = head.find(name);
        head.put(name, variable);
        const { version } = variable;
        if (previous) this.#changes.push({ name, version, variable, previous });
        else this.#changes.push({ name, version, variable });
      },
      delete: (name) => {
        this.#checkWorking();
        const previous = head.find(name);
        if (!previous) return;
        const version = nextVersion(name);
        head.delete(name);
        this.#changes.push({ name, version, previous });
        this.#headFloor = Math.max(this.#headFloor, version);
      },
    };
  }

  /** A transaction that somebody has kept is over with its function. */
  #checkWorking(): void {
    if (!this.#working) throw outside();
  }

  #keep<Result>(changes: readonly LedgerChange[], result: Result): Promise<Result> {
    if (!this.#journal) {
      this.#settle(changes);
      return Promise.resolve(result);
    }
    // Also without changes: what was read may not be kept yet.
    if (changes.length === 0 && !this.#running) return Promise.resolve(result);
    return new Promise((resolve, reject) => {
      const bytes = changes.reduce((sum, { variable }) => sum + (variable?.bytes ?? 8), 0);
      this.#pendingBytes += bytes;
      this.#pending.push({ changes, bytes, settle: () => resolve(result), fail: reject });
      this.#running ??= Promise.resolve().then(() => this.#run());
    });
  }

  async #run(): Promise<void> {
    while (this.#pending.length > 0) {
      const batch = this.#pending;
      this.#pending = [];
      try {
        await this.#journal?.keep(changesOf(batch));
        for (const { changes, settle, bytes } of batch) {
          this.#pendingBytes -= bytes;
          this.#settle(changes);
          settle();
        }
      } catch (thrown) {
        this.#giveUp(batch, SealwireError.from(thrown, "UNAVAILABLE"));
      }
    }
    this.#running = undefined;
  }

  /** What was asked meanwhile rests on what has failed, and fails with it. */
  #giveUp(batch: readonly Pending[], cause: SealwireError): void {
    const failed = [...batch, ...this.#pending];
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#reset();
    const message = `the change was not kept, and has not happened: ${cause.message}`;
    const error = new SealwireError("UNAVAILABLE", message, { cause });
    for (const { fail } of failed) fail(error);
  }

  #settle(changes: readonly LedgerChange[]): void {
    for (const change of changes) {
      const { name, variable, version } = change;
      if (this.#kept !== this.#head) this.#kept.restore(name, variable);
      if (!variable) this.#floor = Math.max(this.#floor, version);
      this.#publish(change);
    }
  }
}

/** By hand: `flatMap` takes several times as long. */
function changesOf(batch: readonly Pending[]): readonly LedgerChange[] {
  const all: LedgerChange[] = [];
  for (const { changes } of batch) for (const change of changes) all.push(change);
  return all;
}

function within(): SealwireError {
  const message = "a transaction changes variables by what it is given, and nothing else does";
  return new SealwireError("INVALID_ARGUMENT", message);
}

function outside(): SealwireError {
  const message = "the transaction is over: what it is given holds only until its function returns";
  return new SealwireError("INVALID_ARGUMENT", message);
}

function overloaded(): SealwireError {
  return new SealwireError("RATE_LIMITED", "too many changes wait to be kept; try again later");
}
