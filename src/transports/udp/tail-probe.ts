import type { Clock } from "../../core/contracts/clock.ts";

/** What a tail probe looks at, and what it does. */
export interface TailProbeOptions {
  readonly clock: Clock;
  /** A number that changes with each packet that comes. */
  readonly packets: () => number;
  /** Whether something that was sent is not acknowledged. */
  readonly waiting: () => boolean;
  /** 0 before it is known. */
  readonly roundTripMs: () => number;
  /** Sends something small. */
  readonly probe: () => void;
}

/**
 * Sends something behind a lost end. udx repeats once what was lost behind everything else, and then
 * only after a second and more; a later packet that arrives shows it at once what is missing (as
 * RFC 8985 section 7 does, again and again).
 */
export class TailProbe {
  readonly #options: TailProbeOptions;
  #packets = 0;
  #probes = 0;
  #cancel: (() => void) | undefined;

  constructor(options: TailProbeOptions) {
    this.#options = options;
  }

  /** Something is sent. */
  active(): void {
    if (this.#cancel !== undefined) return;
    this.#probes = 0;
    this.#watch();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #watch(): void {
    const { clock, packets, roundTripMs } = this.#options;
    this.#packets = packets();
    const knownMs = roundTripMs();
    // Before the first answer nobody knows how long it takes: not all may be sent before it can come.
    const unknownMs = LEAST_MS * 2 ** this.#probes;
    const waitMs = knownMs > 0 ? Math.max(LEAST_MS, ROUND_TRIPS * knownMs + SLACK_MS) : unknownMs;
    this.#cancel = clock.after(waitMs, () => this.#look());
  }

  #look(): void {
    const { packets, waiting, probe } = this.#options;
    this.#cancel = undefined;
    if (!waiting()) return;
    if (packets() !== this.#packets) this.#probes = 0;
    else {
      this.#probes += 1;
      if (this.#probes > MOST_PROBES) return;
      probe();
    }
    // What was sent may have been the probe itself, which begins no second watch.
    if (this.#cancel === undefined) this.#watch();
  }
}

const LEAST_MS = 30;
const ROUND_TRIPS = 1.5;
/** Acknowledgements are gathered for so long. */
const SLACK_MS = 15;
/** In a row without an answer: then the path is bad, and udx waits longer with good reason. */
const MOST_PROBES = 4;
