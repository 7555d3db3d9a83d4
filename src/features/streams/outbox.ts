/** Items on their way to one subscriber. One is handed to the wire after the other. */
export class Outbox {
  readonly #send: (item: unknown) => Promise<unknown>;
  readonly #maxItems: number;
  readonly #blocks: boolean;
  readonly #items: unknown[] = [];
  readonly #waiting: (() => void)[] = [];
  #sending = false;
  #closed = false;
  #dropped = 0;

  /** `send` resolves when the wire has room for more. */
  constructor(
    send: (item: unknown) => Promise<unknown>,
    maxItems: number,
    slow: "block" | "drop-oldest",
  ) {
    this.#send = send;
    this.#maxItems = maxItems;
    this.#blocks = slow === "block";
  }

  /** Items that fell because the subscriber was slow. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Takes an item; with `block` the promise waits for room. */
  async add(item: unknown): Promise<void> {
    while (this.#blocks && this.#items.length >= this.#maxItems && !this.#closed) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    if (this.#closed) return;
    this.#items.push(item);
    if (this.#items.length > this.#maxItems) {
      this.#items.shift();
      this.#dropped += 1;
    }
    if (!this.#sending) void this.#run();
  }

  /** Forgets what waits. */
  close(): void {
    this.#closed = true;
    this.#items.length = 0;
    for (const go of this.#waiting.splice(0)) go();
  }

  /** Resolves when nothing waits any more. */
  async drained(): Promise<void> {
    while (this.#sending) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  async #run(): Promise<void> {
    this.#sending = true;
    while (this.#items.length > 0) {
      try {
        await this.#send(this.#items.shift());
      } catch {
        // The peer has gone: its disconnection is told elsewhere.
        this.close();
      }
      this.#waiting.shift()?.();
    }
    this.#sending = false;
    for (const go of this.#waiting.splice(0)) go();
  }
}
