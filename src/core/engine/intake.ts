/** What an intake asks before it reads on. */
export interface IntakeOwner {
  /** Whether nothing more should be read now. */
  full(): boolean;
  /** A chunk has come. */
  heard(bytes: number): void;
}

/**
 * The chunks of a channel, withheld while too much is open: a reader that does not ask is how
 * slowness reaches the sender.
 */
export class Intake implements AsyncIterator<Uint8Array> {
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #owner: IntakeOwner;
  #resume: (() => void) | undefined;

  constructor(chunks: AsyncIterator<Uint8Array>, owner: IntakeOwner) {
    this.#chunks = chunks;
    this.#owner = owner;
  }

  async next(): Promise<IteratorResult<Uint8Array>> {
    while (this.#owner.full()) {
      await new Promise<void>((resolve) => {
        this.#resume = resolve;
      });
    }
    const result = await this.#chunks.next();
    if (!result.done) this.#owner.heard(result.value.length);
    return result;
  }

  /** Looks again whether there is room. */
  recheck(): void {
    if (!this.#resume || this.#owner.full()) return;
    this.open();
  }

  /** Reads on whatever the owner says: the connection is ending. */
  open(): void {
    const resume = this.#resume;
    this.#resume = undefined;
    resume?.();
  }
}
