import { SealwireError } from "../model/errors.ts";

/** What a watcher wants: one key, or all that begin alike. */
export type Wanted = { readonly key: string } | { readonly prefix: string };

/** How one watcher of a feed is served. */
export interface FeedOptions<Item> {
  readonly signal?: AbortSignal | undefined;
  /** Given out before everything that comes from now on. */
  readonly first?: readonly Item[];
  /** Is told once, when `first` has been taken. */
  readonly onCaughtUp?: (() => void) | undefined;
}

/** How much items may take while they are kept. */
export interface ItemBytes<Item> {
  readonly most: number;
  of(item: Item): number;
}

/**
 * Gives changes to those who watch, in order, without gap or repeat. Whoever lets more than
 * `maxWaiting` of them wait, or more bytes, is told so with `RATE_LIMITED`; nobody waits for the
 * slow.
 */
export class ChangeFeed<Item> {
  readonly #bounds: Bounds<Item>;
  readonly #byKey = new Map<string, Set<FeedWatcher<Item>>>();
  readonly #byPrefix = new Map<FeedWatcher<Item>, string>();
  #ended: SealwireError | undefined;

  constructor(maxWaiting: number, bytes: ItemBytes<Item>) {
    this.#bounds = { maxWaiting, bytes };
  }

  /** Gives it to all who watch this key, now. */
  publish(key: string, item: Item): void {
    for (const watcher of this.#byKey.get(key) ?? NOBODY) watcher.put(item);
    for (const [watcher, prefix] of this.#byPrefix) {
      if (key.startsWith(prefix)) watcher.put(item);
    }
  }

  /** Begins now, not when it is first asked for an item. Leaving the loop ends it. */
  watch(wanted: Wanted, options: FeedOptions<Item> = {}): AsyncIterableIterator<Item, undefined> {
    const watcher = new FeedWatcher(this.#bounds, options, () => this.#leave(wanted, watcher));
    if (this.#ended) watcher.end(this.#ended);
    else this.#join(wanted, watcher);
    return watcher;
  }

  /** Everybody who watches, now or later, learns why it is over. */
  end(reason: SealwireError): void {
    this.#ended = reason;
    const all = [...[...this.#byKey.values()].flatMap((set) => [...set]), ...this.#byPrefix.keys()];
    for (const watcher of all) watcher.end(reason);
  }

  #join(wanted: Wanted, watcher: FeedWatcher<Item>): void {
    if ("prefix" in wanted) {
      this.#byPrefix.set(watcher, wanted.prefix);
      return;
    }
    const watchers = this.#byKey.get(wanted.key) ?? new Set();
    this.#byKey.set(wanted.key, watchers.add(watcher));
  }

  #leave(wanted: Wanted, watcher: FeedWatcher<Item>): void {
    this.#byPrefix.delete(watcher);
    if ("prefix" in wanted) return;
    const watchers = this.#byKey.get(wanted.key);
    watchers?.delete(watcher);
    if (watchers?.size === 0) this.#byKey.delete(wanted.key);
  }
}

const NOBODY: ReadonlySet<never> = Object.freeze(new Set<never>());

interface Bounds<Item> {
  readonly maxWaiting: number;
  readonly bytes: ItemBytes<Item>;
}

interface Taker<Item> {
  resolve(result: IteratorResult<Item, undefined>): void;
  reject(reason: unknown): void;
}

class FeedWatcher<Item> implements AsyncIterableIterator<Item, undefined> {
  readonly #bounds: Bounds<Item>;
  #items: Item[];
  #head = 0;
  /** Of what waits, but for what was there at the beginning. */
  #bytes = 0;
  #firstLeft: number;
  #onCaughtUp: (() => void) | undefined;
  #end: { readonly error?: SealwireError } | undefined;
  readonly #takers: Taker<Item>[] = [];
  readonly #left: () => void;
  readonly #signal: AbortSignal | undefined;
  readonly #aborted = (): void => void this.return();

  constructor(
    bounds: Bounds<Item>,
    { signal, first = [], onCaughtUp }: FeedOptions<Item>,
    left: () => void,
  ) {
    this.#bounds = bounds;
    this.#items = [...first];
    this.#firstLeft = first.length;
    this.#onCaughtUp = onCaughtUp;
    this.#left = left;
    this.#signal = signal;
    if (signal?.aborted) this.#over({});
    else signal?.addEventListener("abort", this.#aborted, { once: true });
  }

  put(item: Item): void {
    if (this.#end) return;
    const taker = this.#takers.shift();
    if (taker) return taker.resolve({ done: false, value: item });
    const { maxWaiting, bytes } = this.#bounds;
    // What was there at the beginning was asked for, however much it is.
    const waiting = this.#items.length - this.#head - this.#firstLeft;
    const sum = this.#bytes + bytes.of(item);
    if (waiting >= maxWaiting || (waiting > 0 && sum > bytes.most)) return this.end(slow());
    this.#items.push(item);
    this.#bytes = sum;
  }

  /** What waits can still be taken. */
  end(error: SealwireError): void {
    if (this.#end) return;
    const taker = this.#takers.shift();
    taker?.reject(error);
    this.#over(taker ? {} : { error });
  }

  next(): Promise<IteratorResult<Item, undefined>> {
    if (this.#firstLeft === 0) this.#caughtUp();
    if (this.#head < this.#items.length) return Promise.resolve(this.#take());
    const over = this.#end;
    if (!over) return new Promise((resolve, reject) => this.#takers.push({ resolve, reject }));
    this.#end = {};
    return over.error ? Promise.reject(over.error) : Promise.resolve(DONE);
  }

  return(): Promise<IteratorResult<Item, undefined>> {
    this.#items = [];
    this.#head = 0;
    this.#over({});
    return Promise.resolve(DONE);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #take(): IteratorResult<Item, undefined> {
    const value = this.#items[this.#head] as Item;
    this.#head += 1;
    if (this.#firstLeft > 0) this.#firstLeft -= 1;
    else this.#bytes -= this.#bounds.bytes.of(value);
    // Given back in halves: a queue that is cut at each item costs its length each time.
    if (this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return { done: false, value };
  }

  #caughtUp(): void {
    const tell = this.#onCaughtUp;
    this.#onCaughtUp = undefined;
    tell?.();
  }

  #over(end: { readonly error?: SealwireError }): void {
    this.#end = end;
    this.#signal?.removeEventListener("abort", this.#aborted);
    this.#left();
    for (const taker of this.#takers.splice(0)) taker.resolve(DONE);
  }
}

const DONE: IteratorReturnResult<undefined> = Object.freeze({ value: undefined, done: true });

function slow(): SealwireError {
  const message = "too many changes waited to be taken: watch again, and begin with what is now";
  return new SealwireError("RATE_LIMITED", message);
}
