import { getEventListeners } from "node:events";
import { SealwireError } from "../../src/core/model/errors.ts";

/** How one promise or iteration ended. */
export interface Ending {
  readonly what: string;
  times: number;
  error: unknown;
}

/** What one handler or generator was seen doing. */
export interface Running {
  readonly what: string;
  readonly signal: AbortSignal;
  over: boolean;
}

/** Writes down all that must end, and how it did. */
export class Ledger {
  readonly endings: Ending[] = [];
  readonly handlers: Running[] = [];
  readonly signals: AbortSignal[] = [];
  generatorsBegun = 0;
  generatorsEnded = 0;

  /** Watches one promise. */
  expect(what: string, promise: Promise<unknown>): void {
    const ending: Ending = { what, times: 0, error: undefined };
    this.endings.push(ending);
    promise.then(
      () => {
        ending.times += 1;
      },
      (error: unknown) => {
        ending.times += 1;
        ending.error = error;
      },
    );
  }

  /** Notes a handler that has begun. */
  begin(what: string, signal: AbortSignal): Running {
    const running = { what, signal, over: false };
    this.handlers.push(running);
    return running;
  }

  /** A generator whose `finally` is counted. */
  async *counted(
    source: (i: number) => unknown,
    count: number,
    pause: () => Promise<void>,
  ): AsyncGenerator<unknown> {
    this.generatorsBegun += 1;
    try {
      for (let i = 0; i < count; i++) {
        if (i % 7 === 3) await pause();
        yield source(i);
      }
    } finally {
      this.generatorsEnded += 1;
    }
  }

  /** Everything that is not as it must be, as sentences. */
  complaints(): readonly string[] {
    const unsettled = this.endings
      .filter(({ times }) => times !== 1)
      .map(({ what, times }) => `${what} settled ${times} times`);
    const uncoded = this.endings
      .filter(({ error }) => error !== undefined && !(error instanceof SealwireError))
      .map(({ what, error }) => `${what} failed with ${String(error)}`);
    const forgotten = this.handlers
      .filter(({ over, signal }) => !over && !signal.aborted)
      .map(({ what }) => `the handler of ${what} was never told`);
    const listening = this.signals
      .filter((signal) => getEventListeners(signal, "abort").length > 0)
      .map(() => "a listener stays on a caller's signal");
    const left = this.generatorsBegun - this.generatorsEnded;
    const open = left === 0 ? [] : [`${left} generators never reached their end`];
    return [...unsettled, ...uncoded, ...forgotten, ...listening, ...open];
  }
}
