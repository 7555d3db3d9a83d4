import type { Clock } from "../core/contracts/clock.ts";
import { bestOf, isAlive, isBetter, type Path } from "./path.ts";
import { PathSearch } from "./path-search.ts";
import type { Prober } from "./prober.ts";
import type { Traffic } from "./traffic.ts";

/** What a keeper is made of, and whom it tells. */
export interface PathKeeperOptions {
  readonly clock: Clock;
  readonly prober: Prober;
  readonly traffic: () => Traffic;
  /** A number that changes with each packet that comes over the path. */
  readonly heard: () => number;
  /** From now on this is the path, for both sides. `lost`: what was under way did not arrive. */
  readonly onPath: (path: Path, lost: boolean) => void;
  /** An answer is missing: something of the way here may have changed. */
  readonly onSilence: () => void;
  /** The path has gone; others are tried. */
  readonly onBroken: () => void;
  /** No path for too long. */
  readonly onLost: () => void;
}

/** Repetitions of the ping that chooses a path. */
const CHOOSE_MS = [20, 60, 100, 150, 200, 250, 350];
/** How often the path in use is asked. */
const ASK_EACH_MS: Readonly<Record<Traffic, number>> = { flowing: 200, busy: 500, idle: 10_000 };
/** So many answers may be missing before another path, which does answer, takes its place. */
const MAX_MISSED = 3;
/** The pause before a missing answer is asked for again, at most. */
const MISSED_PACE_MS = 400;
/** The shortest, where much moves and the way is short. */
const MIN_MISSED_PACE_MS = 60;
/** Silence of the path in use for so long ends it, even if no other answers. */
const SILENCE_MS = 1_200;
const LOST_MS = 30_000;

/**
 * Decides, on the side that called, which path is used: the first that answers, then better ones,
 * then others when it falls silent. The other side follows.
 */
export class PathKeeper {
  readonly #options: PathKeeperOptions;
  readonly #searching: PathSearch;
  #current: Path | undefined;
  #choosing: { readonly path: Path; cancel: () => void } | undefined;
  #missed = 0;
  /** When the first of the answers that are missing was asked for. */
  #askedMs = 0;
  /** What had come of the stream, and since when nothing more. */
  #heard = { packets: 0, sinceMs: 0 };
  /** What was under way when the path fell silent counts as lost. */
  #lost = false;
  #cancelPace = () => {};
  #cancelLost = () => {};
  #closed = false;

  constructor(options: PathKeeperOptions) {
    this.#options = options;
    const { clock, prober } = options;
    this.#searching = new PathSearch({ clock, prober, current: () => this.#current });
  }

  /** The path in use. */
  get current(): Path | undefined {
    return this.#current;
  }

  /** Begins to search for the first path. */
  start(): void {
    this.#searching.now();
    this.#awaitLoss();
  }

  /** A path has answered. */
  answered(path: Path, chosen: boolean): void {
    if (this.#closed) return;
    if (path === this.#current) this.#alive(path);
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
    this.#searching.close();
    this.#cancelLost();
  }

  #alive(path: Path): void {
    if (this.#missed === 0) return;
    const lost = this.#missed > MAX_MISSED && this.#isQuiet();
    this.#missed = 0;
    this.#later();
    if (lost) this.#options.onPath(path, true);
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
    const best = bestOf(this.#options.prober.paths.filter((path) => isAlive(path, now)));
    if (best) this.#choose(best);
  }

  #agree(path: Path): void {
    const lost = this.#lost;
    this.#choosing?.cancel();
    this.#choosing = undefined;
    this.#current = path;
    this.#missed = 0;
    this.#lost = false;
    this.#cancelLost();
    if (path.kind === "direct") this.#options.prober.calm();
    this.#options.onPath(path, lost);
    this.#later();
    this.#searching.settle();
  }

  /** Asks the path in use again and again, and gives it up when it does not answer. */
  #pace(): void {
    const path = this.#current;
    if (!path) return;
    const { clock, prober, onSilence } = this.#options;
    if (this.#missed === 0) this.#askedMs = clock.now();
    if (this.#leave(path)) return;
    if (this.#missed === 1) onSilence();
    if (this.#missed > 0) this.#searching.askOthers(path);
    this.#missed++;
    prober.ping(path, true);
    this.#later();
  }

  #later(): void {
    const { clock, traffic } = this.#options;
    this.#cancelPace();
    const paceMs = ASK_EACH_MS[traffic()];
    const pauseMs = this.#missed > 0 ? Math.min(paceMs, this.#missedPaceMs()) : paceMs;
    this.#cancelPace = clock.after(pauseMs, () => this.#pace());
  }

  #missedPaceMs(): number {
    if (this.#options.traffic() !== "flowing") return MISSED_PACE_MS;
    const expectedMs = 1.5 * (this.#current?.rttMs ?? MISSED_PACE_MS) + 30;
    return Math.min(MISSED_PACE_MS, Math.max(MIN_MISSED_PACE_MS, expectedMs));
  }

  /** Whether the path in use is given up. That another one answers says that it is not the peer. */
  #leave(path: Path): boolean {
    const { clock, prober } = this.#options;
    const isQuiet = this.#isQuiet();
    if (this.#missed < MAX_MISSED) return false;
    const askedMs = this.#askedMs;
    const isOver = clock.now() - askedMs >= Math.max(SILENCE_MS, 4 * (path.rttMs ?? 0));
    const answersNow = ({ answeredMs }: Path) => answeredMs !== undefined && answeredMs >= askedMs;
    const best = bestOf(prober.paths.filter((other) => other !== path && answersNow(other)));
    if (best && !this.#choosing && (isOver || isQuiet)) {
      path.answeredMs = undefined;
      this.#lost = true;
      // First the burst: what chooses the other path asks the peer to try all addresses as well.
      prober.burst(true);
      this.#choose(best);
    }
    if (!isOver || this.#choosing) return false;
    this.#broken(path);
    return true;
  }

  /** Nothing comes any more: data that flows is as good as an answer. */
  #isQuiet(): boolean {
    const { clock, heard } = this.#options;
    const [now, packets] = [clock.now(), heard()];
    if (packets !== this.#heard.packets) this.#heard = { packets, sinceMs: now };
    return now - this.#heard.sinceMs >= 2 * MIN_MISSED_PACE_MS;
  }

  #broken(path: Path): void {
    this.#current = undefined;
    this.#lost = true;
    this.#cancelPace();
    this.#options.prober.doubt();
    this.#searching.askOthers(path);
    this.#searching.now();
    this.#awaitLoss();
    // Last, because who is told may end it all.
    this.#options.onBroken();
  }

  #awaitLoss(): void {
    this.#cancelLost();
    this.#cancelLost = this.#options.clock.after(LOST_MS, () => this.#options.onLost());
  }
}
