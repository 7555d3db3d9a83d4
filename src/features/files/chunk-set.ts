/** Which chunks of a file have passed. */
export class ChunkSet {
  readonly #bits: Uint8Array;
  readonly total: number;
  #count = 0;
  #before = 0;

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

  /** The first that has not passed: so many from the beginning have. */
  get firstMissing(): number {
    while (this.#before < this.total && this.#has(this.#before)) this.#before += 1;
    return this.#before;
  }

  add(index: number): void {
    if (this.#has(index)) return;
    this.#bits[index >> 3] = (this.#bits[index >> 3] ?? 0) | (1 << (index & 7));
    this.#count += 1;
  }

  /** All before this one have passed. */
  addBefore(index: number): void {
    for (let each = this.firstMissing; each < Math.min(index, this.total); each++) this.add(each);
  }

  #has(index: number): boolean {
    return ((this.#bits[index >> 3] ?? 0) & (1 << (index & 7))) !== 0;
  }
}
