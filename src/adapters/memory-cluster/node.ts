import type { Cluster, Delivery, Subscription } from "../../core/contracts/cluster.ts";
import { SealwireError } from "../../core/model/errors.ts";
import type { Exchange } from "./exchange.ts";

/** One node of a cluster in this process. */
export class MemoryNode implements Cluster {
  readonly nodeId: string;
  readonly description: string = "memory of this process";
  readonly #maxPayloadBytes: number;
  readonly #exchange: Exchange;
  readonly #forget: () => void;
  readonly #leaving = new Set<() => void>();
  readonly #asking = new Set<(error: SealwireError) => void>();
  readonly #hooks: ((reachable: boolean) => void)[] = [];
  #reachable = true;
  #closed = false;

  constructor(nodeId: string, maxPayloadBytes: number, exchange: Exchange, forget: () => void) {
    this.nodeId = nodeId;
    this.#maxPayloadBytes = maxPayloadBytes;
    this.#exchange = exchange;
    this.#forget = forget;
  }

  async publish(subject: string, payload: Uint8Array): Promise<void> {
    this.#check(payload);
    this.#exchange.deliver(subject, payload);
  }

  async subscribe(
    subject: string,
    receive: (delivery: Delivery) => void,
    group?: string,
  ): Promise<Subscription> {
    this.#checkThere();
    const listens = (): boolean => this.#reachable;
    const leave = this.#exchange.join(subject, {
      group,
      listens,
      receive: (delivery) => receive(this.#answering(delivery)),
    });
    this.#leaving.add(leave);
    return {
      close: async () => {
        this.#leaving.delete(leave);
        leave();
      },
    };
  }

  async request(
    subject: string,
    payload: Uint8Array,
    { signal }: { readonly signal: AbortSignal },
  ): Promise<Uint8Array> {
    signal.throwIfAborted();
    this.#check(payload);
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        this.#asking.delete(fail);
        signal.removeEventListener("abort", abort);
      };
      const fail = (error: unknown): void => {
        settle();
        reject(error);
      };
      const abort = (): void => fail(signal.reason);
      const reply = async (answer: Uint8Array): Promise<void> => {
        settle();
        resolve(answer.slice());
      };
      this.#asking.add(fail);
      signal.addEventListener("abort", abort, { once: true });
      if (this.#exchange.deliver(subject, payload, reply) === 0) fail(nobody());
    });
  }

  onReachable(tell: (reachable: boolean) => void): void {
    this.#hooks.push(tell);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    // What was published in this turn is on its way: who listens here still hears it.
    await Promise.resolve();
    for (const leave of this.#leaving) leave();
    for (const fail of this.#asking) fail(gone(this.nodeId));
    this.#forget();
  }

  setReachable(reachable: boolean): void {
    if (reachable === this.#reachable) return;
    this.#reachable = reachable;
    if (!reachable) for (const fail of this.#asking) fail(unreachable());
    for (const tell of this.#hooks) tell(reachable);
  }

  /** An answer is refused like a publication. */
  #answering({ payload, reply }: Delivery): Delivery {
    if (!reply) return { payload };
    const checked = async (answer: Uint8Array): Promise<void> => {
      this.#check(answer);
      await reply(answer);
    };
    return { payload, reply: checked };
  }

  #check(payload: Uint8Array): void {
    this.#checkThere();
    this.#checkSize(payload);
  }

  #checkThere(): void {
    if (this.#closed) throw gone(this.nodeId);
    if (!this.#reachable) throw unreachable();
  }

  #checkSize({ length }: Uint8Array): void {
    if (length <= this.#maxPayloadBytes) return;
    const message = `a payload has ${length} bytes, and may have ${this.#maxPayloadBytes}`;
    throw new SealwireError("TOO_LARGE", message);
  }
}

function gone(nodeId: string): SealwireError {
  return new SealwireError("UNAVAILABLE", `the node "${nodeId}" has left the cluster`);
}

function unreachable(): SealwireError {
  return new SealwireError("UNAVAILABLE", "the engine of the cluster is gone; try again later");
}

function nobody(): SealwireError {
  return new SealwireError("NOT_FOUND", "nobody in the cluster is subscribed to this subject");
}
