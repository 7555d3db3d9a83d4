import type { Call } from "../../core/model/call.ts";
import type { OfferedProcedure } from "./offer.ts";
import type { WorkerLink } from "./worker-link.ts";

/** One call on its way through the broker, until it settles. */
export interface Job {
  /** The lower, the longer it is here. */
  readonly order: number;
  readonly call: Call;
  readonly service: Service;
  /** How many workers it was given to. */
  attempts: number;
  resolve(value: unknown): void;
  reject(error: Error): void;
  /** Ends its waiting: timer and listener. */
  unwait(): void;
}

/** One procedure that workers serve: who does, and the calls that wait for one of them. */
export class Service {
  readonly access: OfferedProcedure;
  readonly workers: Set<WorkerLink> = new Set();
  readonly #waiting = new Set<Job>();
  /** Came back from a lost worker: they go first. */
  readonly #returned = new Set<Job>();

  /** `access` is what the first worker has said of it. */
  constructor(access: OfferedProcedure) {
    this.access = access;
  }

  /** The one whose turn it is. */
  get first(): Job | undefined {
    for (const job of this.#returned) return job;
    for (const job of this.#waiting) return job;
    return undefined;
  }

  get waiting(): Iterable<Job> {
    return [...this.#returned, ...this.#waiting];
  }

  push(job: Job): void {
    (job.attempts > 0 ? this.#returned : this.#waiting).add(job);
  }

  /** Whether it waited here. */
  remove(job: Job): boolean {
    return this.#returned.delete(job) || this.#waiting.delete(job);
  }

  /** Of those with a free place the one that has least to do; of equals, the one that rested. */
  leastLoaded(): WorkerLink | undefined {
    let best: WorkerLink | undefined;
    for (const worker of this.workers) {
      if (worker.free && (!best || isLess(worker, best))) best = worker;
    }
    return best;
  }
}

function isLess(one: WorkerLink, other: WorkerLink): boolean {
  return one.load === other.load ? one.lastGiven < other.lastGiven : one.load < other.load;
}
