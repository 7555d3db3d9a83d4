import { SealwireError } from "../../core/model/errors.ts";
import { nobodyTook } from "./broker-errors.ts";
import type { BrokerConfig } from "./options.ts";
import type { Job } from "./service.ts";

/** Is told of a call that waited in vain. */
export type InVain = (job: Job, error: SealwireError) => void;

/** The calls of all procedures that wait for a worker: until one takes them, or for so long. */
export class WaitingLine {
  readonly #config: BrokerConfig;
  readonly #inVain: InVain;
  #size = 0;

  constructor(config: BrokerConfig, inVain: InVain) {
    this.#config = config;
    this.#inVain = inVain;
  }

  get size(): number {
    return this.#size;
  }

  /** Waits with its service until it is taken, its time is up or its caller gives up. */
  add(job: Job): void {
    const { call, service } = job;
    const { signal } = call;
    if (signal.aborted) return this.#inVain(job, SealwireError.from(signal.reason, "CANCELLED"));
    const { clock, queueTimeoutMs } = this.#config;
    const abort = () => this.#giveUp(job, SealwireError.from(signal.reason, "CANCELLED"));
    const late = () => this.#giveUp(job, nobodyTook(call.procedure, service.workers.size));
    const cancel = clock.after(queueTimeoutMs, late);
    signal.addEventListener("abort", abort, { once: true });
    job.unwait = () => {
      cancel();
      signal.removeEventListener("abort", abort);
    };
    service.push(job);
    this.#size += 1;
  }

  /** Whether it waited here; now it does not any more. */
  take(job: Job): boolean {
    if (!job.service.remove(job)) return false;
    this.#size -= 1;
    job.unwait();
    return true;
  }

  #giveUp(job: Job, error: SealwireError): void {
    if (this.take(job)) this.#inVain(job, error);
  }
}
