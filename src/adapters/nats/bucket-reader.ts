import type { Bucket } from "./bucket.ts";
import { type BucketMessage, BucketSession } from "./bucket-session.ts";
import { engineError } from "./engine-error.ts";

/** Takes what a bucket holds, in its order. */
export interface BucketTaker {
  /** The sequence that was taken last; 0 at the beginning. */
  readonly position: number;
  take(message: BucketMessage): void;
  /** What is there has been taken. */
  caughtUp(): void;
  /** Changes were superseded before they came here. */
  gap(): void;
  /** The engine does not have what it had: everything is told anew. */
  anew(why: string): void;
}

/** Between tries to read on, growing to the second; and as much again by chance. */
const [FIRST_RETRY_MS, LAST_RETRY_MS] = [100, 2_000];

/** Reads a bucket for as long as it is open, through whatever the engine goes. */
export class BucketReader {
  readonly #bucket: Bucket;
  readonly #taker: BucketTaker;
  #started: () => void = () => {};
  #session: BucketSession | undefined;
  #retry: NodeJS.Timeout | undefined;
  #retryMs: number = FIRST_RETRY_MS;
  #created: string | undefined;
  /** Everything from the beginning on has been told, so that what is missing is missed. */
  #whole = false;
  #opening = false;
  #closed = false;

  constructor(bucket: Bucket, taker: BucketTaker) {
    this.#bucket = bucket;
    this.#taker = taker;
    bucket.link.onReachable((reachable) => {
      if (reachable) this.#read();
      else this.#stop();
    });
  }

  /** Resolves when all that is there has been taken. @throws `UNAVAILABLE` when it takes too long */
  async start(timeoutMs: number): Promise<void> {
    await this.#open();
    if (this.#whole) return;
    await new Promise<void>((resolve, reject) => {
      const late = engineError(`cannot read ${this.#bucket.stream}`, "timeout");
      const timer = setTimeout(() => reject(late), timeoutMs);
      this.#started = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  close(): void {
    this.#closed = true;
    this.#stop();
  }

  #stop(): void {
    clearTimeout(this.#retry);
    this.#session?.close();
    this.#session = undefined;
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
      const { created, state } = await this.#bucket.info();
      this.#lookForLoss(created, state.last_seq);
      const { position } = this.#taker;
      const session = await BucketSession.open(
        this.#bucket,
        this.#whole ? position + 1 : undefined,
        {
          message: (message) => this.#take(message),
          idle: () => this.#caughtUp(),
          broken: (why) => this.#broken(why),
        },
      );
      if (this.#closed || !this.#bucket.link.reachable) return session.close();
      if (session.closed) throw engineError(this.#bucket.stream, "its reading broke off");
      this.#retryMs = FIRST_RETRY_MS;
      this.#session = session;
    } finally {
      this.#opening = false;
    }
  }

  /** What was acknowledged is gone: a disk lost it, or somebody took the bucket away. */
  #lookForLoss(created: string, last: number): void {
    const { position } = this.#taker;
    const lost = this.#created !== undefined && (created !== this.#created || last < position);
    this.#created = created;
    if (!lost) return;
    this.#whole = false;
    const found = created === this.#created ? `it ends at ${last}, not ${position}` : "it is new";
    this.#taker.anew(`${this.#bucket.stream} has lost what was acknowledged: ${found}`);
  }

  #take(message: BucketMessage): void {
    const { position } = this.#taker;
    if (message.sequence <= position) return;
    if (this.#whole && message.sequence !== position + 1) this.#taker.gap();
    this.#taker.take(message);
    if (message.pending === 0) this.#caughtUp();
  }

  #caughtUp(): void {
    if (this.#whole) return;
    this.#whole = true;
    this.#taker.caughtUp();
    this.#started();
  }

  #broken(why: string): void {
    this.#session = undefined;
    this.#bucket.link.logger.warn({ why }, `reading ${this.#bucket.stream} begins again`);
    this.#again();
  }
}
