import { SealwireError } from "../../core/model/errors.ts";
import { sameValue } from "./same-value.ts";
import type { ReadItem, WatchedVariable } from "./watch-item.ts";

/** A server that tells of more variables than this at once is not believed. */
const MAX_NAMES = 1_000_000;

/** How far one watch has come, so that a break neither loses nor repeats anything. */
export class WatchProgress {
  readonly #onReady: (() => void) | undefined;
  /** What was told last of each variable that is there. */
  readonly #told = new Map<string, WatchedVariable>();
  /** While a server tells anew what is there: what it has not told yet. */
  #missing: Set<string> | undefined;
  #life: string | undefined;
  #newLife = false;
  #cursor: string | undefined;

  constructor(onReady: (() => void) | undefined) {
    this.#onReady = onReady;
  }

  /** From where to go on. */
  get cursor(): string | undefined {
    return this.#cursor;
  }

  /** What the application learns from an item. */
  *take(item: ReadItem): Generator<WatchedVariable, undefined> {
    if (item.kind === "begin") return this.#begin(item.life, item.recovered);
    if (item.kind === "ready") return yield* this.#ready(item.cursor);
    const { seen, cursor } = item;
    if (cursor !== undefined) this.#cursor = cursor;
    this.#missing?.delete(seen.name);
    if (this.#isKnown(seen)) return undefined;
    if (seen.value === undefined) this.#told.delete(seen.name);
    else this.#told.set(seen.name, seen);
    if (this.#told.size > MAX_NAMES) throw tooMany();
    yield seen;
    return undefined;
  }

  #begin(life: string, recovered: boolean): undefined {
    this.#newLife = this.#life !== undefined && this.#life !== life;
    this.#life = life;
    this.#missing = recovered ? undefined : new Set(this.#told.keys());
  }

  /** What was there before the break and is not told of any more was deleted meanwhile. */
  *#ready(cursor: string): Generator<WatchedVariable, undefined> {
    this.#cursor = cursor;
    const gone = this.#missing;
    this.#missing = undefined;
    for (const name of gone ?? []) {
      const version = (this.#told.get(name)?.version ?? 0) + 1;
      this.#told.delete(name);
      yield { name, version };
    }
    if (gone) this.#onReady?.();
    return undefined;
  }

  /** A server without a store counts anew in each life: there the value has to be the same too. */
  #isKnown({ name, version, value, initial }: WatchedVariable): boolean {
    const told = this.#told.get(name);
    if (!told || !initial) return false;
    return told.version === version && (!this.#newLife || sameValue(told.value, value));
  }
}

function tooMany(): SealwireError {
  const message = `the server tells of more than ${MAX_NAMES} variables; watch fewer by a prefix`;
  return new SealwireError("TOO_LARGE", message);
}
