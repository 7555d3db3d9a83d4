import type { PartPool } from "./part-pool.ts";

/** Bytes that were sent, until the other side is known to have them. */
export class Retained {
  readonly #pool: PartPool;
  #parts: Uint8Array[] = [];
  #dropped = 0;
  #kept = 0;

  /** Where the memory of what has arrived goes. */
  constructor(pool: PartPool) {
    this.#pool = pool;
  }

  /** How many bytes of the whole stream are not kept any more. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Whether the other side is not known to have everything. */
  get some(): boolean {
    return this.#kept > 0;
  }

  /** How long the whole stream is so far. */
  get end(): number {
    return this.#dropped + this.#kept;
  }

  add(bytes: Uint8Array): void {
    this.#parts.push(bytes);
    this.#kept += bytes.length;
  }

  /** The other side has so many bytes of the whole stream. More than were sent counts as all. */
  drop(received: number): void {
    let surplus = Math.min(received - this.#dropped, this.#kept);
    let whole = 0;
    for (const part of this.#parts) {
      if (part.length > surplus) break;
      surplus -= part.length;
      this.#advance(part.length);
      this.#pool.give(part);
      whole += 1;
    }
    this.#parts.splice(0, whole);
    const first = this.#parts[0];
    if (first === undefined || surplus <= 0) return;
    this.#parts[0] = first.subarray(surplus);
    this.#advance(surplus);
  }

  /** What the other side may lack, in order. */
  all(): readonly Uint8Array[] {
    return this.#parts;
  }

  clear(): void {
    this.#parts = [];
    this.#kept = 0;
  }

  #advance(bytes: number): void {
    this.#dropped += bytes;
    this.#kept -= bytes;
  }
}
