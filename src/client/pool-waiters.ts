import type { Clock } from "../core/contracts/clock.ts";
import { SealwireError } from "../core/model/errors.ts";

/** Calls that may wait for a member at once; more are refused. */
const MAX_WAITING = 16_384;

/** How long a call may wait. */
export interface WaitLimits {
  readonly signal: AbortSignal | undefined;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
}

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: SealwireError) => void;
}

/** Calls that wait until something changes in a pool. */
export class PoolWaiters {
  readonly #clock: Clock;
  readonly #waiting = new Set<Waiter>();
  #end: SealwireError | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Resolves at the next change.
   *
   * @throws `DEADLINE_EXCEEDED` at the deadline, `CANCELLED` by the signal, `RATE_LIMITED` when too
   * many wait, and whatever ended the pool
   */
  async wait({ signal, deadline }: WaitLimits): Promise<void> {
    this.check();
    if (signal?.aborted) throw cancelled(signal);
    if (this.#waiting.size >= MAX_WAITING) throw tooMany();
    let abort = () => {};
    let cancelTimer = () => {};
    let waiter: Waiter | undefined;
    const leftMs = deadline - this.#clock.now();
    try {
      await new Promise<void>((resolve, reject) => {
        waiter = { resolve, reject };
        this.#waiting.add(waiter);
        abort = () => reject(signal && cancelled(signal));
        signal?.addEventListener("abort", abort, { once: true });
        if (!Number.isFinite(leftMs)) return;
        cancelTimer = this.#clock.after(Math.max(0, leftMs), () => reject(nobodyCame()));
      });
    } finally {
      cancelTimer();
      signal?.removeEventListener("abort", abort);
      if (waiter) this.#waiting.delete(waiter);
    }
  }

  /** @throws what has ended the pool, if anything has */
  check(): void {
    if (this.#end) throw this.#end;
  }

  /** Everybody looks again. */
  wake(): void {
    for (const { resolve } of this.#waiting) resolve();
  }

  /** Nobody has to wait any more: this is how it ends. */
  end(error: SealwireError): void {
    this.#end ??= error;
    for (const { reject } of this.#waiting) reject(this.#end);
  }
}

function cancelled(signal: AbortSignal): SealwireError {
  if (signal.reason instanceof SealwireError) return signal.reason;
  return new SealwireError("CANCELLED", "the caller cancelled the call", { cause: signal.reason });
}

function nobodyCame(): SealwireError {
  return new SealwireError("DEADLINE_EXCEEDED", "no server of the pool could be used in time");
}

function tooMany(): SealwireError {
  const message = `${MAX_WAITING} calls wait for a server of the pool; wait for some`;
  return new SealwireError("RATE_LIMITED", message);
}
