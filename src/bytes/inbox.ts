/** How much an `Inbox` holds, and who is told. */
export interface InboxOptions<Item> {
  /** Once so much waits, `put` says that there is no more room. */
  readonly maxWaiting: number;
  /** What an item counts towards `maxWaiting`: bytes for chunks, one by default. */
  readonly weigh?: (item: Item) => number;
  /** The reader wants more and there is room: before the first item, and after a lack of room. */
  readonly onWanted?: () => void;
}

/**
 * Where a transport puts what arrives and one reader takes it: an async iterable with a bound.
 *
 * It does not refuse items beyond the bound (what has arrived has arrived), but says so, and the
 * one who fills it stops the source until `onWanted`. Starts without being wanted, so that a
 * source need not be read before somebody asks.
 */
export class Inbox<Item> implements AsyncIterableIterator<Item> {
  readonly #options: InboxOptions<Item>;
  readonly #readers: Reader<Item>[] = [];
  #items: Item[] = [];
  #weight = 0;
  #wanted = false;
  #end: { readonly error?: Error } | undefined;

  constructor(options: InboxOptions<Item>) {
    this.#options = options;
  }

  /** Whether the end has been said; waiting items may be left. */
  get ended(): boolean {
    return this.#end !== undefined;
  }

  /** How much waits, in the measure of `maxWaiting`. */
  get weight(): number {
    return this.#weight;
  }

  /** Takes an item; returns whether there is room for more. After the end, items are dropped. */
  put(item: Item): boolean {
    if (this.#end !== undefined) return true;
    const reader = this.#readers.shift();
    if (reader !== undefined) {
      reader.resolve({ done: false, value: item });
      return true;
    }
    this.#items.push(item);
    this.#weight += this.#weigh(item);
    this.#wanted = this.#weight < this.#options.maxWaiting;
    return this.#wanted;
  }

  /** The reader gets what waits, then the end, or the error if there is one. Only once. */
  end(error?: Error): void {
    if (this.#end !== undefined) return;
    this.#end = error === undefined ? {} : { error };
    for (const reader of this.#readers.splice(0)) {
      if (error === undefined) reader.resolve({ done: true, value: undefined });
      else reader.reject(error);
    }
  }

  /** What waits, taken out at once. */
  drain(): Item[] {
    const items = this.#items;
    this.#items = [];
    this.#weight = 0;
    return items;
  }

  next(): Promise<IteratorResult<Item>> {
    const item = this.#items.shift();
    if (item !== undefined) {
      this.#weight -= this.#weigh(item);
      this.#want();
      return Promise.resolve({ done: false, value: item });
    }
    if (this.#end !== undefined) return this.#ending(this.#end.error);
    return new Promise((resolve, reject) => {
      this.#readers.push({ resolve, reject });
      this.#want();
    });
  }

  /** The reader has lost interest: what waits and what comes is dropped. */
  return(): Promise<IteratorResult<Item>> {
    this.end();
    this.drain();
    return this.#ending(undefined);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #want(): void {
    // Half empty before the source starts again, so that it is not switched for every item.
    if (this.#wanted || this.#end !== undefined) return;
    if (this.#weight * 2 > this.#options.maxWaiting) return;
    this.#wanted = true;
    this.#options.onWanted?.();
  }

  #weigh(item: Item): number {
    return this.#options.weigh?.(item) ?? 1;
  }

  #ending(error: Error | undefined): Promise<IteratorResult<Item>> {
    if (error !== undefined) return Promise.reject(error);
    return Promise.resolve({ done: true, value: undefined });
  }
}

interface Reader<Item> {
  readonly resolve: (result: IteratorResult<Item>) => void;
  readonly reject: (error: Error) => void;
}
