/** Which chunks of a file have passed. */
export class ChunkSet {
  readonly #bits: Uint8Array;
  readonly total: number;
  #count = 0;

  constructor(total: number) {
    this.total = total;
    this.#bits = new Uint8Array(Math.ceil(total / 8));
  }

  /** How many there are, each counted once. */
  get count(): number {
    return this.#count;
  }

  get whole(): boolean {
    return this.#count === this.total;
  }

  add(index: number): void {
    const held = this.#bits[index >> 3] ?? 0;
    const bit = 1 << (index & 7);
    if ((held & bit) !== 0) return;
    this.#bits[index >> 3] = held | bit;
    this.#count += 1;
  }
}
