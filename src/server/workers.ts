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
  readonly #waiting: Waiting[] = [];

  constructor(workers: number) {
    this.#free = workers;
  }

  /** Runs it now, or when one of those before has ended. */
  run(call: Call, work: () => unknown): unknown {
    if (this.#free > 0) return this.#work(work);
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
    const next = this.#waiting.shift();
    if (!next) return;
    if (isAbandoned(next.call)) {
      next.reject(new SealwireError("CANCELLED", "nobody waits for this call any more"));
      return this.#take();
    }
    try {
      next.resolve(this.#work(next.work));
    } catch (thrown) {
      next.reject(thrown);
    }
  };

  /** The place of a call that was not begun goes to the one after it. */
  #take(): void {
    this.#free -= 1;
    queueMicrotask(this.#release);
  }
}

interface Waiting {
  readonly call: Call;
  readonly work: () => unknown;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (thrown: unknown) => void;
}

function isAbandoned(call: Call): boolean {
  return call instanceof IncomingCall && call.aborted;
}
