import { tooLarge } from "./failures.ts";
import { MORE } from "./frames.ts";

/** What messages may be made of. */
export interface PartLimits {
  readonly maxMessageBytes: number;
  readonly maxParts: number;
}

/**
 * Puts the parts of messages together. Of an empty delimiter and a body, which is what requests
 * and answers are, the body is left; the delimiter's content is ignored, as libzmq's users do.
 *
 * A message of any other shape leaves an empty body: the dialect above answers it as malformed,
 * and the peer goes on. (The original password server loses a worker to each.)
 */
export class Parts {
  readonly #limits: PartLimits;
  #count = 0;
  #bytes = 0;

  constructor(limits: PartLimits) {
    this.#limits = limits;
  }

  /**
   * Takes a part; gives the body of a message with its last one.
   *
   * @throws `TOO_LARGE` when the message has too many parts or bytes
   */
  take(part: Uint8Array, flags: number): Uint8Array | undefined {
    this.#count += 1;
    this.#bytes += part.length;
    this.#check();
    if ((flags & MORE) !== 0) return undefined;
    const body = this.#count === 2 ? part : new Uint8Array(0);
    this.#count = 0;
    this.#bytes = 0;
    return body;
  }

  /** Whether a message has begun and not ended. */
  get unfinished(): boolean {
    return this.#count > 0;
  }

  #check(): void {
    const { maxMessageBytes, maxParts } = this.#limits;
    if (this.#bytes > maxMessageBytes) {
      throw tooLarge(`a message of ${this.#bytes} bytes`, "maxMessageBytes", maxMessageBytes);
    }
    if (this.#count > maxParts) {
      throw tooLarge(`a message of ${this.#count} parts`, "maxParts", maxParts);
    }
  }
}
