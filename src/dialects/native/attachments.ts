import { SealwireError } from "../../core/model/errors.ts";

/** Bytes from this length on travel as a record of their own, sealed and opened without a copy. */
const ATTACH_FROM_BYTES = 4_096;
/** What one batch may refer to; a sender that has more splits the batch. */
export const MAX_ATTACHED_BYTES = 67_108_864;
const MAX_ATTACHMENTS = 4_096;

/** The large binary values that belong to one batch, in the order in which they travel. */
export class Attachments {
  #list: Uint8Array[] = [];
  #bytes = 0;

  /** How many bytes they have together. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Takes bytes out of a batch that is being formatted, if they are worth it. */
  put(bytes: Uint8Array): number | undefined {
    if (bytes.length < ATTACH_FROM_BYTES || this.#list.length >= MAX_ATTACHMENTS) return undefined;
    this.#bytes += bytes.length;
    return this.#list.push(bytes) - 1;
  }

  /** @throws `TOO_LARGE` when the peer attaches more than one batch may have. */
  add(bytes: Uint8Array): void {
    this.#bytes += bytes.length;
    if (this.#bytes > MAX_ATTACHED_BYTES || this.#list.length >= MAX_ATTACHMENTS) {
      throw new SealwireError("TOO_LARGE", `more than ${MAX_ATTACHED_BYTES} bytes are attached`);
    }
    this.#list.push(bytes);
  }

  get(index: number): Uint8Array | undefined {
    return this.#list[index];
  }

  list(): readonly Uint8Array[] {
    return this.#list;
  }

  clear(): void {
    if (this.#list.length === 0) return;
    this.#list = [];
    this.#bytes = 0;
  }
}
