import type { Logger } from "../../core/contracts/logger.ts";

/** Between two lines of the log about the same. */
const QUIET_MS = 60_000;

/** Counts what came from the engine and was dropped, and tells the log once in a while. */
export class Rejections {
  readonly #logger: Logger;
  readonly #toldAt = new Map<string, number>();
  #count = 0;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  get count(): number {
    return this.#count;
  }

  add(why: string): void {
    this.#count += 1;
    const now = performance.now();
    if (now - (this.#toldAt.get(why) ?? Number.NEGATIVE_INFINITY) < QUIET_MS) return;
    this.#toldAt.set(why, now);
    this.#logger.warn({ dropped: this.#count }, `dropped what came from the engine: ${why}`);
  }
}
