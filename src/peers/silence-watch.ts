import type { Clock } from "../core/contracts/clock.ts";
import type { Traffic } from "./traffic.ts";

/** What a watch looks at, and whom it tells. */
export interface SilenceWatchOptions {
  readonly clock: Clock;
  /** The more moves, the more often the other side asks. */
  readonly traffic: () => Traffic;
  /** A number that changes with each packet that comes over the path. */
  readonly packets: () => number;
  /** The other side has not asked for too long: something of the way here may have changed. */
  readonly onSilence: () => void;
}

const LOOK_MS: Readonly<Record<Traffic, number>> = { flowing: 100, busy: 500, idle: 500 };
const SILENCE_MS: Readonly<Record<Traffic, number>> = { flowing: 500, busy: 1_500, idle: 15_000 };
/** How soon it may be told again. */
const AGAIN_MS = 2_000;

/** Notices, on the side that was called, that the one who decides about paths is not heard. */
export class SilenceWatch {
  readonly #options: SilenceWatchOptions;
  #heardMs: number;
  #packets = 0;
  #toldMs = Number.NEGATIVE_INFINITY;
  #cancel = () => {};

  constructor(options: SilenceWatchOptions) {
    this.#options = options;
    this.#heardMs = options.clock.now();
    this.#later();
  }

  /** A question has come. */
  heard(): void {
    this.#heardMs = this.#options.clock.now();
  }

  close(): void {
    this.#cancel();
  }

  #look(): void {
    const { clock, traffic, packets, onSilence } = this.#options;
    const now = clock.now();
    const came = packets();
    if (came !== this.#packets) this.heard();
    this.#packets = came;
    if (now - this.#heardMs > SILENCE_MS[traffic()] && now - this.#toldMs >= AGAIN_MS) {
      this.#toldMs = now;
      onSilence();
    }
    this.#later();
  }

  #later(): void {
    const { clock, traffic } = this.#options;
    this.#cancel = clock.after(LOOK_MS[traffic()], () => this.#look());
  }
}
