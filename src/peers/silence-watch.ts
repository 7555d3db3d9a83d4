import type { Clock } from "../core/contracts/clock.ts";

/** What a watch looks at, and whom it tells. */
export interface SilenceWatchOptions {
  readonly clock: Clock;
  /** Data has moved lately: then questions of the other side come twice a second. */
  readonly isBusy: () => boolean;
  /** The other side has not asked for too long: something of the way here may have changed. */
  readonly onSilence: () => void;
}

const LOOK_MS = 500;
const BUSY_SILENCE_MS = 1_500;
const IDLE_SILENCE_MS = 15_000;
/** How soon it may be told again. */
const AGAIN_MS = 2_000;

/** Notices, on the side that was called, that the one who decides about paths is not heard. */
export class SilenceWatch {
  readonly #options: SilenceWatchOptions;
  #heardMs: number;
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
    const { clock, isBusy, onSilence } = this.#options;
    const now = clock.now();
    const limitMs = isBusy() ? BUSY_SILENCE_MS : IDLE_SILENCE_MS;
    if (now - this.#heardMs > limitMs && now - this.#toldMs >= AGAIN_MS) {
      this.#toldMs = now;
      onSilence();
    }
    this.#later();
  }

  #later(): void {
    this.#cancel = this.#options.clock.after(LOOK_MS, () => this.#look());
  }
}
