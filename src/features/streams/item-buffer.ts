/** Items that wait for whoever takes them; bounded, so the oldest fall when nobody does. */
export class ItemBuffer implements AsyncIterableIterator<unknown, undefined> {
  readonly #items: unknown[] = [];
  readonly #maxItems: number;
  readonly #takers: Taker[] = [];
  readonly #ended: () => void;
  #end: { readonly error: Error | undefined } | undefined;
  #dropped = 0;

  /** `ended` is told once, when it is over for whatever reason. */
  constructor(maxItems: number, ended: () => void) {
    this.#maxItems = maxItems;
    this.#ended = ended;
  }

  /** Items that fell because nobody took them in time. */
  get dropped(): number {
    return this.#dropped;
  }

  push(item: unknown): void {
    if (this.#end) return;
    const taker = this.#takers.shift();
    if (taker) return taker.resolve({ value: item, done: false });
    this.#items.push(item);
    if (this.#items.length <= this.#maxItems) return;
    this.#items.shift();
    this.#dropped += 1;
  }

  /** No more will come; what waits may still be taken. */
  end(error?: Error): void {
    if (this.#end) return;
    this.#end = { error };
    for (const taker of this.#takers.splice(0)) {
      if (error) taker.reject(error);
      else taker.resolve(DONE);
    }
    this.#ended();
  }

  next(): Promise<IteratorResult<unknown, undefined>> {
    if (this.#items.length > 0) {
      return Promise.resolve({ value: this.#items.shift(), done: false });
    }
    if (!this.#end) {
      return new Promise((resolve, reject) => this.#takers.push({ resolve, reject }));
    }
    return this.#end.error ? Promise.reject(this.#end.error) : Promise.resolve(DONE);
  }

  async return(): Promise<IteratorResult<unknown, undefined>> {
    this.#items.length = 0;
    this.end();
    return DONE;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

interface Taker {
  readonly resolve: (result: IteratorResult<unknown, undefined>) => void;
  readonly reject: (error: Error) => void;
}

const DONE = Object.freeze({ value: undefined, done: true as const });
