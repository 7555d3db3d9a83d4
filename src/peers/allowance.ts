/** How much of something may come: so much at once, and so much in each second. */
export interface AllowanceRate {
  readonly burst: number;
  readonly perSecond: number;
}

/**
 * Counts what each of many sources takes, in buckets that fill again. Remembers a bounded number
 * of sources; the one that was heard longest ago is forgotten first.
 */
export class Allowance {
  readonly #rate: AllowanceRate;
  readonly #maxSources: number;
  readonly #now: () => number;
  readonly #buckets = new Map<string, { left: number; atMs: number }>();

  constructor(rate: AllowanceRate, maxSources: number, now: () => number) {
    this.#rate = rate;
    this.#maxSources = maxSources;
    this.#now = now;
  }

  /** Whether so much more may come from there; if so, it is counted. */
  takes(source: string, amount = 1): boolean {
    const { burst, perSecond } = this.#rate;
    const atMs = this.#now();
    const before = this.#buckets.get(source) ?? { left: burst, atMs };
    const left = Math.min(burst, before.left + ((atMs - before.atMs) * perSecond) / 1_000);
    const allowed = left >= amount;
    this.#buckets.delete(source);
    this.#buckets.set(source, { left: allowed ? left - amount : left, atMs });
    this.#forget();
    return allowed;
  }

  #forget(): void {
    if (this.#buckets.size <= this.#maxSources) return;
    const [oldest] = this.#buckets.keys();
    if (oldest !== undefined) this.#buckets.delete(oldest);
  }
}
