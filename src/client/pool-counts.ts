import { smoothed } from "./smoothed.ts";

/** What the calls of one member came to. */
export class PoolCounts {
  #calls = 0;
  #failed = 0;
  #callMs: number | undefined;

  get calls(): number {
    return this.#calls;
  }

  get failed(): number {
    return this.#failed;
  }

  get callMs(): number | undefined {
    return this.#callMs;
  }

  /** Counts one call. @throws what the call throws */
  async call(run: () => Promise<unknown>): Promise<unknown> {
    this.#calls += 1;
    const began = performance.now();
    try {
      const value = await run();
      this.#callMs = smoothed(this.#callMs, performance.now() - began);
      return value;
    } catch (thrown) {
      this.#failed += 1;
      throw thrown;
    }
  }

  /** Counts one call whose answer is a stream; how long it lasts says nothing of the member. */
  async *stream(items: AsyncIterable<unknown>): AsyncGenerator<unknown, undefined> {
    this.#calls += 1;
    try {
      yield* items;
      return undefined;
    } catch (thrown) {
      this.#failed += 1;
      throw thrown;
    }
  }
}
