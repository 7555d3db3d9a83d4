import { SealwireError } from "../../core/model/errors.ts";

/** Bytes from this length on travel as a record of their own, sealed and opened without a copy. */
const ATTACH_FROM_BYTES = 4_096;
/** What one batch may refer to by number. */
const MAX_ATTACHMENTS = 4_096;
/** So many frames of the largest size may the bytes of one batch fill together. */
const ATTACHED_FRAMES = 4;

/** The large binary values that belong to one batch, in the order in which they travel. */
export class Attachments {
  readonly #maxBytes: number;
  #list: Uint8Array[] = [];
  #bytes = 0;

  /** `maxFrameBytes`: what the side takes that receives them; both sides know it. */
  constructor(maxFrameBytes: number) {
    this.#maxBytes = ATTACHED_FRAMES * maxFrameBytes;
  }

  /** Whether they are more than the other side takes with one batch. */
  get tooMany(): boolean {
    return this.#bytes > this.#maxBytes;
  }

  /** Takes bytes out of a batch that is being formatted, if they are worth it. */
  put(bytes: Uint8Array): number | undefined {
    if (bytes.length < ATTACH_FROM_BYTES || this.#list.length >= MAX_ATTACHMENTS) return undefined;
    this.#bytes += bytes.length;
    return this.#list.push(bytes) - 1;
  }

  /**
   * Keeps bytes until the batch arrives that they belong to.
   *
   * @throws `TOO_LARGE` when the peer attaches more than one batch may have
   */
  add(bytes: Uint8Array): void {
    this.#bytes += bytes.length;
    if (this.tooMany || this.#list.length >= MAX_ATTACHMENTS) {
      throw new SealwireError(
        "TOO_LARGE",
        `more than ${this.#maxBytes} bytes or ${MAX_ATTACHMENTS} pieces are attached to one batch`,
      );
    }
    this.#list.push(bytes);
  }

  get(index: number): Uint8Array | undefined {
    return this.#list[index];
  }

  /** Hands them over and begins anew: whoever has taken a list keeps it. */
  take(): readonly Uint8Array[] {
    if (this.#list.length === 0) return NONE;
    const list = this.#list;
    this.clear();
    return list;
  }

  clear(): void {
    if (this.#list.length === 0) return;
    this.#list = [];
    this.#bytes = 0;
  }
}

const NONE: readonly Uint8Array[] = Object.freeze([]);
