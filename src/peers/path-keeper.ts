import type { Clock } from "../core/contracts/clock.ts";
import { isAlive, isBetter, type Path } from "./path.ts";
import type { Prober } from "./prober.ts";

/** What a keeper is made of, and whom it tells. */
export interface PathKeeperOptions {
  readonly clock: Clock;
  readonly prober: Prober;
  /** Data has moved lately: a lost path is missed sooner. */
  readonly isBusy: () => boolean;
  /** From now on this is the path; both sides have agreed. */
  readonly onPath: (path: Path) => void;
  /** The path has gone; others are tried. */
  readonly onBroken: () => void;
  /** No path for too long. */
  readonly onLost: () => void;
}

/** Repetitions of the ping that chooses a path. */
const CHOOSE_MS = [20, 60, 140, 300, 600];
const BUSY_PACE_MS = 500;
const IDLE_PACE_MS = 10_000;
/** Answers that may be missed before the path is given up, asked for at a quick pace. */
const MAX_MISSED = 3;
const MISSED_PACE_MS = 400;
const BETTER_EVERY_MS = 60_000;
const LOST_MS = 30_000;

/**
 * Decides, on the side that called, which path is used: the first that answers, then better ones,
 * then others when it falls silent. The other side follows.
 */
export class PathKeeper {
  readonly #options: PathKeeperOptions;
  #current: Path | undefined;
  #choosing: { readonly path: Path; cancel: () => void } | undefined;
  #missed = 0;
  #cancelPace = () => {};
  #cancelSearch = () => {};
  #cancelLost = () => {};
  #closed = false;

  constructor(options: PathKeeperOptions) {
    this.#options = options;
  }

  /** The path in use. */
  get current(): Path | undefined {
    return this.#current;
  }

  /** Begins to search for the first path. */
  start(): void {
    this.#search();
    this.#awaitLoss();
  }

  /** A path has answered. */
  answered(path: Path, chosen: boolean): void {
    if (this.#closed) return;
    if (path === this.#current) this.#alive();
    if (chosen && path === this.#choosing?.path) return this.#agree(path);
    if (path === this.#current || path === this.#choosing?.path) return;
    const rival = this.#choosing?.path ?? this.#current;
    if (!rival || isBetter(path, rival)) this.#choose(path);
  }

  /** Data begins to move: the path is asked more often from now on. */
  hurry(): void {
    if (this.#current && !this.#closed) this.#later();
  }

  /** Ends everything. */
  close(): void {
    this.#closed = true;
    this.#choosing?.cancel();
    this.#cancelPace();
    this.#cancelSearch();
    this.#cancelLost();
  }

  #alive(): void {
    if (this.#missed === 0) return;
    this.#missed = 0;
    this.#later();
  }

  #choose(path: Path): void {
    this.#choosing?.cancel();
    const choosing = { path, cancel: () => {} };
    this.#choosing = choosing;
    this.#insist(choosing, 0);
  }

  /** The other side must have heard of it before anything is sent there. */
  #insist(choosing: { readonly path: Path; cancel: () => void }, attempt: number): void {
    const { clock, prober } = this.#options;
    const pauseMs = CHOOSE_MS[attempt];
    if (pauseMs === undefined) {
      choosing.path.answeredMs = undefined;
      this.#choosing = undefined;
      return this.#chooseAnother();
    }
    prober.ping(choosing.path, true);
    choosing.cancel = clock.after(pauseMs, () => this.#insist(choosing, attempt + 1));
  }

  #chooseAnother(): void {
    if (this.#current) return;
    const now = this.#options.clock.now();
    const alive = this.#options.prober.paths.filter((path) => isAlive(path, now));
    const [best] = alive.toSorted((a, b) => (isBetter(a, b) ? -1 : isBetter(b, a) ? 1 : 0));
    if (best) this.#choose(best);
  }

  #agree(path: Path): void {
    this.#choosing?.cancel();
    this.#choosing = undefined;
    this.#current = path;
    this.#missed = 0;
    this.#cancelLost();
    if (path.kind === "direct") this.#options.prober.calm();
    this.#options.onPath(path);
    this.#later();
  }

  /** Asks the path in use again and again, and gives it up when it does not answer. */
  #pace(): void {
    const path = this.#current;
    if (!path) return;
    if (this.#missed >= MAX_MISSED) return this.#broken(path);
    this.#missed++;
    this.#options.prober.ping(path, true);
    this.#later();
  }

  #later(): void {
    const { clock, isBusy } = this.#options;
    this.#cancelPace();
    const paceMs = isBusy() ? BUSY_PACE_MS : IDLE_PACE_MS;
    const pauseMs = this.#missed > 0 ? Math.min(paceMs, MISSED_PACE_MS) : paceMs;
    this.#cancelPace = clock.after(pauseMs, () => this.#pace());
  }

  #broken(path: Path): void {
    path.answeredMs = undefined;
    this.#current = undefined;
    this.#cancelPace();
    this.#options.onBroken();
    // What has answered before is asked at once, whether or not it is believed in still.
    for (const other of this.#options.prober.paths) {
      other.answeredMs = undefined;
      if (other.rttMs !== undefined) this.#options.prober.ping(other);
    }
    this.#search();
    this.#awaitLoss();
  }

  /** Tries all addresses: at once without a path, now and then as long as a relay is in between. */
  #search(): void {
    const { clock, prober } = this.#options;
    this.#cancelSearch();
    if (this.#current?.kind !== "direct") prober.burst(true);
    const pauseMs = this.#current ? BETTER_EVERY_MS : SEARCH_PACE_MS;
    this.#cancelSearch = clock.after(pauseMs, () => this.#search());
  }

  #awaitLoss(): void {
    this.#cancelLost();
    this.#cancelLost = this.#options.clock.after(LOST_MS, () => this.#options.onLost());
  }
}

/** A burst lasts five seconds; then the next one begins, as long as there is no path. */
const SEARCH_PACE_MS = 5_200;
