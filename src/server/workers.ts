import { IncomingCall } from "../core/engine/incoming-call.ts";
import { isThenable } from "../core/engine/thenable.ts";
import type { Call } from "../core/model/call.ts";
import { SealwireError } from "../core/model/errors.ts";

/**
 * Lets so many handlers run at once, over all connections of a dialect; the others wait in the
 * order in which they came. A call that nobody waits for any more is not begun.
 */
export class Workers {
  #free: number;
  #waiting: Waiting[] = [];
  #sweepAt = FIRST_SWEEP;
  #givingOut = false;

  constructor(workers: number) {
    this.#free = workers;
  }

  /** Runs it now, or when one of those before has ended. */
  run(call: Call, work: () => unknown): unknown {
    if (this.#free > 0 && this.#waiting.length === 0) return this.#work(work);
    if (this.#waiting.length >= this.#sweepAt) this.#sweep();
    return new Promise((resolve, reject) => {
      this.#waiting.push({ call, work, resolve, reject });
    });
  }

  #work(work: () => unknown): unknown {
    this.#free -= 1;
    try {
      const answer = work();
      if (!isThenable(answer)) this.#release();
      else answer.then(this.#release, this.#release);
      return answer;
    } catch (thrown) {
      this.#release();
      throw thrown;
    }
  }

  readonly #release = (): void => {
    this.#free += 1;
    // Handlers that answer at once would otherwise nest until the stack is full.
    if (this.#givingOut) return;
    this.#givingOut = true;
    while (this.#free > 0) {
      const next = this.#waiting.shift();
      if (!next) break;
      this.#begin(next);
    }
    this.#givingOut = false;
  };

  #begin({ call, work, resolve, reject }: Waiting): void {
    if (isAbandoned(call)) return reject(abandoned());
    try {
      resolve(this.#work(work));
    } catch (thrown) {
      reject(thrown);
    }
  }

  /** Peers that give up and ask again would gather here while the handlers before them hang. */
  #sweep(): void {
    const [gone, kept] = [this.#waiting.filter(isGone), this.#waiting.filter(isWanted)];
    this.#waiting = kept;
    this.#sweepAt = Math.max(FIRST_SWEEP, 2 * kept.length);
    for (const { reject } of gone) reject(abandoned());
  }
}

/** When so many wait, those that nobody wants any more are let go; then when twice as many do. */
const FIRST_SWEEP = 1_024;

interface Waiting {
  readonly call: Call;
  readonly work: () => unknown;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (thrown: unknown) => void;
}

function isAbandoned(call: Call): boolean {
  return call instanceof IncomingCall && call.aborted;
}

function isGone({ call }: Waiting): boolean {
  return isAbandoned(call);
}

function isWanted({ call }: Waiting): boolean {
  return !isAbandoned(call);
}

function abandoned(): SealwireError {
  return new SealwireError("CANCELLED", "nobody waits for this call any more");
}
