import type { Clock } from "../core/contracts/clock.ts";
import type { Path } from "./path.ts";
import type { Prober } from "./prober.ts";

/** What a search looks at. */
export interface PathSearchOptions {
  readonly clock: Clock;
  readonly prober: Prober;
  /** The path in use. */
  readonly current: () => Path | undefined;
}

/** A burst lasts five seconds; then the next one begins, as long as there is no path. */
const SEARCH_PACE_MS = 5_200;
const BETTER_EVERY_MS = 60_000;
/** While paths were sought, all were busy with it: after each pause they are measured again. */
const SETTLE_MS = [300, 500, 1_000, 2_000, 4_000];

/** Looks for paths: all the time without one, now and then for a better one. */
export class PathSearch {
  readonly #options: PathSearchOptions;
  #cancel = () => {};

  constructor(options: PathSearchOptions) {
    this.#options = options;
  }

  /** Tries all addresses as long as there is no direct path; measures those that are known. */
  now(): void {
    const { prober, current } = this.#options;
    const path = current();
    if (path?.kind !== "direct") prober.burst(true);
    if (path) this.askOthers(path);
    this.#later(path ? BETTER_EVERY_MS : SEARCH_PACE_MS, () => this.now());
  }

  /** A path was chosen; whether it is the best, a few more answers tell. */
  settle(step = 0): void {
    const pauseMs = SETTLE_MS[step];
    if (pauseMs === undefined) return this.#later(BETTER_EVERY_MS, () => this.now());
    this.#later(pauseMs, () => {
      const path = this.#options.current();
      if (path) this.askOthers(path);
      this.settle(step + 1);
    });
  }

  /** What has answered before is asked at once, whether or not it is believed in still. */
  askOthers(path: Path): void {
    const { prober } = this.#options;
    for (const other of prober.paths) {
      if (other !== path && other.rttMs !== undefined) prober.ping(other);
    }
  }

  close(): void {
    this.#cancel();
  }

  #later(ms: number, search: () => void): void {
    this.#cancel();
    this.#cancel = this.#options.clock.after(ms, search);
  }
}
