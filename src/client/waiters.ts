import type { Connection } from "../core/engine/connection.ts";
import { SealwireError } from "../core/model/errors.ts";

/** Those who wait for the next connection. */
export class Waiters {
  readonly #waiting = new Set<Waiter>();

  /** Resolves with it. @throws `RATE_LIMITED` beyond so many, what the signal was aborted with */
  wait(most: number, signal: AbortSignal | undefined): Promise<Connection> {
    if (this.#waiting.size >= most) return Promise.reject(tooMany(most));
    if (signal?.aborted) return Promise.reject(SealwireError.from(signal.reason, "CANCELLED"));
    return new Promise((resolve, reject) => {
      const waiter = { resolve, reject };
      const abort = () => {
        this.#waiting.delete(waiter);
        reject(SealwireError.from(signal?.reason, "CANCELLED"));
      };
      this.#waiting.add(waiter);
      signal?.addEventListener("abort", abort, { once: true });
    });
  }

  resolve(connection: Connection): void {
    for (const waiter of this.#take()) waiter.resolve(connection);
  }

  reject(error: SealwireError): void {
    for (const waiter of this.#take()) waiter.reject(error);
  }

  #take(): readonly Waiter[] {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    return waiting;
  }
}

interface Waiter {
  resolve(connection: Connection): void;
  reject(error: SealwireError): void;
}

function tooMany(waiting: number): SealwireError {
  const message = `${waiting} calls are open or waiting; wait for some`;
  return new SealwireError("RATE_LIMITED", message);
}
