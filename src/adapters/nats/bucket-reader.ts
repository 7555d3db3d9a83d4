import { asked, type Bucket } from "./bucket.ts";
import { BucketOrder, type BucketTaker } from "./bucket-order.ts";
import { BucketSession } from "./bucket-session.ts";
import { SWEEP_TIMES } from "./bucket-sweeper.ts";
import { engineError } from "./engine-error.ts";
import { LateMessages } from "./late-messages.ts";
import { SpokenMessages } from "./spoken-messages.ts";

/** Between tries to read on, growing to the second; and as much again by chance. */
const [FIRST_RETRY_MS, LAST_RETRY_MS] = [100, 2_000];
/** Between looks whether what was said aloud is all that there is. */
const LOOK_MS = 2_000;

/**
 * Reads a bucket for as long as it is open, through whatever the engine goes. What the engine says
 * aloud is enough, as long as nothing of it is missed; a consumer, which each write would cost,
 * delivers what is there at the beginning, after a break, and where something was missed.
 */
export class BucketReader {
  readonly #bucket: Bucket;
  readonly #taker: BucketTaker;
  readonly #order: BucketOrder;
  readonly #late: LateMessages;
  readonly #spoken: SpokenMessages;
  readonly #looking: NodeJS.Timeout;
  #session: BucketSession | undefined;
  #retry: NodeJS.Timeout | undefined;
  #retryMs: number = FIRST_RETRY_MS;
  #created: string | undefined;
  #opening = false;
  #closed = false;
  /** Nothing was missed lately. */
  #hears = true;
  /** What the session was opened for, until it ends. */
  #reading: object | undefined;
  /** The session has delivered everything. */
  #through = false;
  #lastPosition = 0;
  /** Since when nothing is heard. */
  #deafSince: number | undefined;

  constructor(bucket: Bucket, taker: BucketTaker) {
    this.#bucket = bucket;
    this.#taker = taker;
    this.#order = new BucketOrder(taker);
    this.#late = new LateMessages(this.#order, () => {
      this.#hears = false;
      this.#read();
    });
    this.#spoken = new SpokenMessages(bucket, (message) => {
      this.#order.heard(message);
      this.#late.watch();
    });
    this.#looking = setInterval(() => this.#look(), LOOK_MS);
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

  /** The bucket has this sequence, as an answer of the engine shows. */
  expect(sequence: number): void {
    if (this.#closed) return;
    this.#order.expect(sequence);
    this.#late.watch();
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#looking);
    this.#spoken.close();
    this.#stop();
    this.#late.close();
  }

  #stop(): void {
    clearTimeout(this.#retry);
    this.#deafSince ??= performance.now();
    this.#endSession();
    this.#order.forget();
  }

  /** Patient: what is missing may still be said aloud. */
  #read(patient = false): void {
    const { link, stream } = this.#bucket;
    if (this.#closed || this.#session || this.#opening || !link.reachable) return;
    clearTimeout(this.#retry);
    this.#open(patient).catch((err: unknown) => {
      if (this.#closed) return;
      this.#deafSince ??= performance.now();
      link.logger.warn({ err }, `${stream} cannot be read now`);
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

  async #open(patient = false): Promise<void> {
    this.#opening = true;
    try {
      // Before it is asked: meanwhile more may come.
      const { position } = this.#taker;
      const { created, state } = await this.#bucket.info();
      this.#lookForLoss(created, state.last_seq, position);
      this.#lookForSilence();
      this.expect(state.last_seq);
      const needed = !this.#order.whole || (this.#order.lacks && !patient);
      if (needed || this.#bucket.spoken === undefined) await this.#openSession(state.last_seq);
      this.#retryMs = FIRST_RETRY_MS;
      this.#deafSince = undefined;
    } finally {
      this.#opening = false;
    }
  }

  async #openSession(last: number): Promise<void> {
    this.#through = false;
    const reading = {};
    this.#reading = reading;
    const from = this.#order.whole ? this.#taker.position + 1 : undefined;
    const session = await BucketSession.open(this.#bucket, from, {
      message: (message) => {
        this.#order.delivered(message);
        this.#through = message.pending === 0;
        if (this.#through) this.#drained(last, reading);
      },
      idle: () => {
        this.#through = true;
        this.#drained(last, reading);
      },
      broken: (why) => this.#broken(why),
    });
    if (this.#closed || !this.#bucket.link.reachable) session.close();
    if (session.closed) throw engineError(this.#bucket.stream, "its reading broke off");
    this.#session = session;
    this.#rest();
  }

  /** The bucket ended at `last`, unless what stood there was taken away: that is asked for. */
  #drained(last: number, reading: object): void {
    if (this.#taker.position >= last) return this.#caughtUp(this.#taker.position);
    this.#nothingIsLeft().then(
      (nothing) => nothing && this.#reading === reading && this.#caughtUp(last),
      (err: unknown) => this.#bucket.link.logger.warn({ err }, "the end cannot be looked at now"),
    );
  }

  /** A replica that delivers may lag behind; what answers here does not. */
  async #nothingIsLeft(): Promise<boolean> {
    const { link, manager, stream, prefix } = this.#bucket;
    const query = { seq: this.#taker.position + 1, next_by_subj: `${prefix}>` };
    return (await asked(link, manager.streams.getMessage(stream, query))) === null;
  }

  #caughtUp(last: number): void {
    this.#order.caughtUp(last);
    this.#rest();
  }

  /** Ends the session where what is said aloud is enough. */
  #rest(): void {
    const suffices = this.#hears && this.#through && !this.#order.lacks;
    if (!suffices || this.#bucket.spoken === undefined) return;
    this.#endSession();
  }

  #endSession(): void {
    this.#session?.close();
    this.#session = undefined;
    this.#reading = undefined;
  }

  #look(): void {
    const before = this.#lastPosition;
    this.#lastPosition = this.#taker.position;
    if (!this.#session) this.#read(true);
    else if (this.#order.lastHeard >= before) this.#hears = true;
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
    this.#endSession();
    this.#bucket.link.logger.warn({ why }, `reading ${this.#bucket.stream} begins again`);
    this.#again();
  }
}
