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
  readonly #iterator: AsyncIterator<unknown>;
  readonly #owner: ItemPumpOwner;
  #credit: number;
  #stopped = false;
  #granted: (() => void) | undefined;

  constructor(source: AsyncIterable<unknown>, credit: number, owner: ItemPumpOwner) {
    this.#iterator = source[Symbol.asyncIterator]();
    this.#credit = credit;
    this.#owner = owner;
  }

  /** Runs until the source ends, throws, or `stop` is called. Never rejects. */
  async run(): Promise<void> {
    try {
      while (!this.#stopped) {
        const { done, value } = await this.#iterator.next();
        if (this.#stopped) break;
        if (done) return this.#owner.ended();
        await this.#mayGo();
        if (this.#stopped) break;
        this.#credit -= 1;
        this.#owner.item(value);
      }
    } catch (thrown) {
      if (!this.#stopped) this.#owner.failed(thrown);
    }
  }

  /** The receiver takes so many more. */
  grant(items: number): void {
    this.#credit += items;
    this.#granted?.();
  }

  /** Sends nothing more and lets the source run its `finally` blocks. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#granted?.();
    // A source stuck in its own wait answers late or never; its failure concerns nobody here.
    Promise.resolve(this.#iterator.return?.()).catch(() => {});
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
