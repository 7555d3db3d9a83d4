/** Processes whose counts are remembered; the one that was silent for longest is forgotten. */
const MAX_ORIGINS = 1_024;

/** Tells what is new from what an engine says again: each process counts what it seals up. */
export class ReplayGuard {
  readonly #counts = new Map<string, number>();

  /** Whether it comes behind everything this process was heard of here. */
  accepts({ origin, count }: { readonly origin: string; readonly count: number }): boolean {
    const last = this.#counts.get(origin);
    if (last !== undefined && count <= last) return false;
    this.#counts.delete(origin);
    const [oldest] = this.#counts.size < MAX_ORIGINS ? [] : this.#counts.keys();
    if (oldest !== undefined) this.#counts.delete(oldest);
    this.#counts.set(origin, count);
    return true;
  }
}
