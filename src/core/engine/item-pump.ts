/** What the sending half of a stream needs of its connection. */
export interface ItemPumpOwner {
  item(value: unknown): void;
  /** The source has no more items. */
  ended(): void;
  /** The source threw. */
  failed(thrown: unknown): void;
  /** As `SendQueue.room`. */
  room(): Promise<void> | undefined;
}

/**
 * The sending half of a stream: takes items from a source as fast as the receiver grants credit
 * and the channel takes bytes, never faster.
 */
export class ItemPump {
  readonly #source: AsyncIterable<unknown>;
  readonly #owner: ItemPumpOwner;
  #iterator: AsyncIterator<unknown> | undefined;
  #credit: number;
  #stopped = false;
  #granted: (() => void) | undefined;

  constructor(source: AsyncIterable<unknown>, credit: number, owner: ItemPumpOwner) {
    this.#source = source;
    this.#credit = credit;
    this.#owner = owner;
  }

  /** Runs until the source ends, throws, or `stop` is called. Never rejects. */
  async run(): Promise<void> {
    if (this.#stopped) return;
    try {
      const iterator = this.#source[Symbol.asyncIterator]();
      this.#iterator = iterator;
      while (!this.#stopped) {
        const { done, value } = await iterator.next();
        if (this.#stopped) break;
        if (done) return this.#over(() => this.#owner.ended());
        const wait = this.#mayGo();
        // An await of nothing would still cost each item a turn of the microtasks.
        if (wait) await wait;
        if (this.#stopped) break;
        this.#credit -= 1;
        this.#owner.item(value);
      }
    } catch (thrown) {
      if (!this.#stopped) this.#over(() => this.#owner.failed(thrown));
    }
  }

  /** The receiver takes so many more. */
  grant(items: number): void {
    this.#credit += items;
    this.#wake();
  }

  /** Sends nothing more and lets the source run its `finally` blocks. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#wake();
    void leave(this.#iterator);
  }

  /** The source has come to its own end and need not be told to stop. */
  #over(tell: () => void): void {
    this.#stopped = true;
    tell();
  }

  #wake(): void {
    const granted = this.#granted;
    this.#granted = undefined;
    granted?.();
  }

  #mayGo(): Promise<void> | undefined {
    const room = this.#owner.room();
    if (this.#credit > 0 && !room) return undefined;
    return this.#waitForLeave(room);
  }

  async #waitForLeave(room: Promise<void> | undefined): Promise<void> {
    await room;
    while (this.#credit <= 0 && !this.#stopped) {
      await new Promise<void>((resolve) => {
        this.#granted = resolve;
      });
    }
  }
}

/** Tells a source that nobody wants its items, although it was never asked for one. */
export function discard(source: AsyncIterable<unknown>): void {
  try {
    void leave(source[Symbol.asyncIterator]());
  } catch {
    // A source that cannot even be started holds nothing that could be let go.
  }
}

/** A source stuck in its own wait answers late or never; its failure concerns nobody here. */
async function leave(iterator: AsyncIterator<unknown> | undefined): Promise<void> {
  try {
    await iterator?.return?.();
  } catch {}
}
