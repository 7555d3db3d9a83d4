/** How often something took how long. */
export class Histogram {
  /** Upper ends in seconds, rising; beyond the last there is one more. */
  readonly bounds: readonly number[];
  readonly #counts: number[];
  #sum = 0;
  #count = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.#counts = new Array<number>(bounds.length).fill(0);
  }

  get count(): number {
    return this.#count;
  }

  /** All seconds together. */
  get sum(): number {
    return this.#sum;
  }

  add(seconds: number): void {
    this.#count += 1;
    this.#sum += seconds;
    const at = this.bounds.findIndex((bound) => seconds <= bound);
    if (at >= 0) this.#counts[at] = (this.#counts[at] ?? 0) + 1;
  }

  /** For each upper end how many took no longer, as Prometheus wants it. */
  cumulative(): readonly (readonly [bound: number, count: number])[] {
    let below = 0;
    return this.bounds.map((bound, at) => {
      below += this.#counts[at] ?? 0;
      return [bound, below];
    });
  }
}
