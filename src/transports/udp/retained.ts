import type { Segment } from "./segment.ts";

/** Bytes that were sent, until the other side is known to have them. */
export class Retained {
  #segments: Segment[] = [];
  #dropped = 0;
  #kept = 0;

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

  add(segment: Segment): void {
    this.#segments.push(segment);
    this.#kept += segment.bytes.length;
  }

  /** The other side has so many bytes of the whole stream. More than were sent counts as all. */
  drop(received: number): void {
    let surplus = Math.min(received - this.#dropped, this.#kept);
    let whole = 0;
    for (const { bytes, release } of this.#segments) {
      if (bytes.length > surplus) break;
      surplus -= bytes.length;
      this.#advance(bytes.length);
      release?.();
      whole += 1;
    }
    this.#segments.splice(0, whole);
    const first = this.#segments[0];
    if (first === undefined || surplus <= 0) return;
    this.#segments[0] = { ...first, bytes: first.bytes.subarray(surplus) };
    this.#advance(surplus);
  }

  /** What the other side may lack, in order. */
  all(): readonly Segment[] {
    return this.#segments;
  }

  /** Nobody will ask for it. */
  clear(): void {
    const segments = this.#segments;
    this.#segments = [];
    this.#kept = 0;
    for (const { release } of segments) release?.();
  }

  #advance(bytes: number): void {
    this.#dropped += bytes;
    this.#kept -= bytes;
  }
}
