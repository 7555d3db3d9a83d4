import type { Bucket } from "./bucket.ts";
import { BucketOrder, type BucketTaker } from "./bucket-order.ts";
import { BucketSession } from "./bucket-session.ts";
import { SWEEP_TIMES } from "./bucket-sweeper.ts";
import { engineError } from "./engine-error.ts";
import { SpokenMessages } from "./spoken-messages.ts";

/** Between tries to read on, growing to the second; and as much again by chance. */
const [FIRST_RETRY_MS, LAST_RETRY_MS] = [100, 2_000];

/** Reads a bucket for as long as it is open, through whatever the engine goes. */
export class BucketReader {
  readonly #bucket: Bucket;
  readonly #taker: BucketTaker;
  readonly #order: BucketOrder;
  readonly #spoken: SpokenMessages;
  #session: BucketSession | undefined;
  #retry: NodeJS.Timeout | undefined;
  #retryMs: number = FIRST_RETRY_MS;
  #created: string | undefined;
  #opening = false;
  #closed = false;
  /** Since when nothing is heard. */
  #deafSince: number | undefined;

  constructor(bucket: Bucket, taker: BucketTaker) {
    this.#bucket = bucket;
    this.#taker = taker;
    this.#order = new BucketOrder(taker);
    this.#spoken = new SpokenMessages(bucket, (message) => this.#order.heard(message));
    bucket.link.onReachable((reachable) => {
      if (reachable) this.#read();
      else this.#stop();
    });
  }

  /** Resolves when all that is there has been taken. @throws `UNAVAILABLE` when it takes too long */
  async start(timeoutMs: number): Promise<void> {
    await this.#open();
    await new Promise<void>((resolve, reject) => {
      const late = engineError(`cannot read ${this.#bucket.stream}`, "timeout");
      const timer = setTimeout(() => reject(late), timeoutMs);
      this.#order.whenWhole(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  close(): void {
    this.#closed = true;
    this.#spoken.close();
    this.#stop();
  }

  #stop(): void {
    clearTimeout(this.#retry);
    if (this.#session) this.#deafSince = performance.now();
    this.#session?.close();
    this.#session = undefined;
    this.#order.forget();
  }

  #read(): void {
    if (this.#closed || this.#session || this.#opening) return;
    this.#open().catch((err: unknown) => {
      if (this.#closed) return;
      this.#bucket.link.logger.warn({ err }, `${this.#bucket.stream} cannot be read now`);
      this.#again();
    });
  }

  #again(): void {
    if (this.#closed || !this.#bucket.link.reachable) return;
    clearTimeout(this.#retry);
    // Readers of many nodes must not come back at once.
    this.#retry = setTimeout(() => this.#read(), this.#retryMs * (1 + Math.random()));
    this.#retryMs = Math.min(this.#retryMs * 2, LAST_RETRY_MS);
  }

  async #open(): Promise<void> {
    this.#opening = true;
    try {
      // Before it is asked: meanwhile more may come.
      const { position } = this.#taker;
      const { created, state } = await this.#bucket.info();
      this.#lookForLoss(created, state.last_seq, position);
      this.#lookForSilence();
      const from = this.#order.whole ? this.#taker.position + 1 : undefined;
      const session = await BucketSession.open(this.#bucket, from, {
        message: (message) => this.#order.delivered(message),
        idle: () => this.#order.caughtUp(),
        broken: (why) => this.#broken(why),
      });
      if (this.#closed || !this.#bucket.link.reachable) return session.close();
      if (session.closed) throw engineError(this.#bucket.stream, "its reading broke off");
      this.#retryMs = FIRST_RETRY_MS;
      this.#deafSince = undefined;
      this.#session = session;
    } finally {
      this.#opening = false;
    }
  }

  /** What was acknowledged is gone: a disk lost it, or somebody took the bucket away. */
  #lookForLoss(created: string, last: number, position: number): void {
    const before = this.#created;
    this.#created = created;
    if (before === undefined || (before === created && last >= position)) return;
    const found = before === created ? `it ends at ${last}, not at ${position}` : "it is a new one";
    this.#order.anew(`${this.#bucket.stream} has lost what was acknowledged: ${found}`);
  }

  /** The marks of deletions may be gone, which would have told of them. */
  #lookForSilence(): void {
    const deafMs = performance.now() - (this.#deafSince ?? performance.now());
    if (deafMs < SWEEP_TIMES.keepMs / 2 || !this.#order.whole) return;
    this.#order.anew(`${this.#bucket.stream} was not heard for ${Math.round(deafMs / 60_000)} min`);
  }

  #broken(why: string): void {
    this.#deafSince ??= performance.now();
    this.#session = undefined;
    this.#bucket.link.logger.warn({ why }, `reading ${this.#bucket.stream} begins again`);
    this.#again();
  }
}
