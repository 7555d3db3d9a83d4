import type { ThreadLink } from "./thread-link.ts";

/** The items of a call that streams; each is fetched when it is asked for. Iterated once. */
export class SyncStream implements IterableIterator<unknown, undefined> {
  readonly #link: ThreadLink;
  readonly #stream: number;
  readonly #itemMs: number;
  #ended = false;

  /** `itemMs`: how long one item may take. */
  constructor(link: ThreadLink, stream: number, itemMs: number) {
    this.#link = link;
    this.#stream = stream;
    this.#itemMs = itemMs;
  }

  /** @throws what broke the stream; `DEADLINE_EXCEEDED` when the next item takes too long */
  next(): IteratorResult<unknown, undefined> {
    if (this.#ended) return DONE;
    try {
      const answer = this.#link.ask({ kind: "next", stream: this.#stream }, this.#itemMs);
      if (answer.kind === "value") return { value: answer.value, done: false };
    } catch (thrown) {
      this.return();
      throw thrown;
    }
    this.#ended = true;
    return DONE;
  }

  /** Leaves the stream, which cancels the call. */
  return(): IteratorResult<unknown, undefined> {
    if (!this.#ended) this.#link.remark({ kind: "leave", stream: this.#stream });
    this.#ended = true;
    return DONE;
  }

  [Symbol.iterator](): this {
    return this;
  }
}

const DONE: IteratorReturnResult<undefined> = Object.freeze({ value: undefined, done: true });
