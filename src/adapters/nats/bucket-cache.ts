import type { Change, Entry } from "../../core/contracts/store.ts";
import { ChangeFeed } from "../../core/engine/change-feed.ts";
import { Gate } from "../../core/engine/gate.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { type Bucket, NAMES } from "./bucket.ts";
import { type BucketContent, contentFrom } from "./bucket-content.ts";
import type { BucketTaker } from "./bucket-order.ts";
import type { BucketMessage } from "./bucket-session.ts";
import type { BucketSweeper } from "./bucket-sweeper.ts";
import { ClusterSeal, SEAL_BYTES } from "./cluster-seal.ts";
import type { Rejections } from "./rejections.ts";
import { ReplayGuard } from "./replay-guard.ts";

/** Changes, and bytes of them, that may wait for one watcher. */
const [MAX_WAITING, MAX_WAITING_BYTES] = [10_000, 67_108_864];

const NOT_SEALED = "a value that nobody of the cluster sealed for its key";

/** A write of this node that the bucket may or may not have. */
export interface OwnWrite {
  /** What the engine calls the key. */
  readonly name: string;
  readonly sealed: Uint8Array;
  readonly content: BucketContent;
  /** Where it stands in the bucket, once it has come back from there. */
  sequence?: number;
}

/** What a value of a bucket is sealed for: it opens under its own name only. */
export const valueContext = (stream: string, name: string): string => `value ${stream} ${name}`;

/** Everything in a bucket, as the engine tells it to this node; nothing else writes here. */
export class BucketCache implements BucketTaker {
  readonly #bucket: Bucket;
  readonly #rejections: Rejections;
  readonly #sweeper: BucketSweeper;
  #entries = new Map<string, Entry>();
  #feed: ChangeFeed<Change> = newFeed();
  #guard = new ReplayGuard();
  #position = 0;
  #gaps = 0;
  #whole = false;
  #uneven: Gate | undefined;
  /** Who waits for which sequence. */
  readonly #awaited = new Map<number, (() => void)[]>();
  /** Own writes by the count they were sealed with. */
  readonly #own = new Map<number, OwnWrite>();

  constructor(bucket: Bucket, rejections: Rejections, sweeper: BucketSweeper) {
    this.#bucket = bucket;
    this.#rejections = rejections;
    this.#sweeper = sweeper;
  }

  get position(): number {
    return this.#position;
  }

  /** How often something was superseded before it came here. */
  get gaps(): number {
    return this.#gaps;
  }

  get feed(): ChangeFeed<Change> {
    return this.#feed;
  }

  /** @throws `UNAVAILABLE` while the bucket is being read anew */
  get(key: string): Entry | undefined {
    this.#checkWhole();
    return this.#entries.get(key);
  }

  /** By key. @throws as `get` */
  list(prefix: string): readonly (readonly [string, Entry])[] {
    this.#checkWhole();
    const below = [...this.#entries].filter(([key]) => key.startsWith(prefix));
    return below.sort(([a], [b]) => (a < b ? -1 : 1));
  }

  /** Resolves when everything up to this sequence has been taken. */
  seen(sequence: number): Promise<void> {
    if (sequence <= this.#position) return Promise.resolve();
    return new Promise((resolve) => {
      this.#awaited.set(sequence, [...(this.#awaited.get(sequence) ?? []), resolve]);
    });
  }

  /** Looks out for a write of this node until it is let go; `count` is the one of its seal. */
  lookFor(count: number, own: OwnWrite): void {
    this.#own.set(count, own);
  }

  letGo(count: number): void {
    this.#own.delete(count);
  }

  take({ name, sequence, data }: BucketMessage): void {
    this.#position = sequence;
    this.#apply(name, sequence, data);
    const waiting = this.#awaited.get(sequence);
    if (!waiting) return;
    this.#awaited.delete(sequence);
    for (const resolve of waiting) resolve();
  }

  caughtUp(upTo: number): void {
    this.#whole = true;
    this.#passed(upTo);
    this.level();
  }

  level(): void {
    this.#uneven?.open();
    this.#uneven = undefined;
  }

  /**
   * After a gap some keys are as they were before it until all has come: who begins to watch now
   * waits for that. Otherwise the next change of such a key would not follow on what he saw first.
   */
  get evenly(): Promise<void> | undefined {
    return this.#uneven?.wait();
  }

  gap(upTo: number): void {
    this.#gaps += 1;
    this.#uneven ??= new Gate();
    const message = "changes were superseded before they came here: watch again, from what is now";
    this.#endWatches(new SealwireError("RATE_LIMITED", message));
    this.#passed(upTo);
  }

  anew(why: string): void {
    this.#bucket.link.logger.error({}, why);
    this.#whole = false;
    this.#position = 0;
    this.#gaps += 1;
    this.#entries = new Map();
    this.#guard = new ReplayGuard();
    this.#endWatches(new SealwireError("RATE_LIMITED", `${why}: watch again, from what is now`));
  }

  #apply(name: string, version: number, data: Uint8Array): void {
    if (name === NAMES) return;
    const opened = this.#ownIn(name, data) ?? this.#openedFrom(name, data);
    if (!opened) return this.#rejections.add(NOT_SEALED);
    if (!this.#guard.accepts(opened)) return this.#rejections.add("a value that had come before");
    const own = opened.origin === this.#bucket.seal.origin && this.#own.get(opened.count);
    if (own) own.sequence = version;
    const { content } = opened;
    if (!content) return this.#rejections.add("a value in a form of a newer version");
    const { key, value } = content;
    if (value) this.#sweeper.written(name);
    else this.#sweeper.deleted(name, version);
    if (value) {
      const entry = { value, version };
      this.#entries.set(key, entry);
      this.#feed.publish(key, { key, entry, version });
    } else if (this.#entries.delete(key)) {
      this.#feed.publish(key, { key, version });
    }
  }

  /** What this node has sealed itself and comes back as it was needs no opening. */
  #ownIn(name: string, data: Uint8Array): OpenedContent | undefined {
    if (this.#own.size === 0 || data.length < SEAL_BYTES) return undefined;
    const count = ClusterSeal.countOf(data);
    const own = this.#own.get(count);
    if (own?.name !== name || Buffer.compare(own.sealed, data) !== 0) return undefined;
    return { origin: this.#bucket.seal.origin, count, content: own.content };
  }

  #openedFrom(name: string, data: Uint8Array): OpenedContent | undefined {
    const { seal, stream } = this.#bucket;
    const opened = seal.open(data, valueContext(stream, name));
    return opened && { ...opened, content: contentFrom(opened.plaintext) };
  }

  #endWatches(reason: SealwireError): void {
    this.#feed.end(reason);
    this.#feed = newFeed();
  }

  /** Who waits for what will not come by itself any more. */
  #passed(upTo: number): void {
    this.#position = Math.max(this.#position, upTo);
    for (const [sequence, waiting] of this.#awaited) {
      if (sequence > this.#position) continue;
      this.#awaited.delete(sequence);
      for (const resolve of waiting) resolve();
    }
  }

  #checkWhole(): void {
    if (this.#whole) return;
    throw new SealwireError("UNAVAILABLE", `${this.#bucket.stream} is being read anew; try again`);
  }
}

/** One message of the bucket, opened; without content in a form that is not known here. */
interface OpenedContent {
  readonly origin: string;
  readonly count: number;
  readonly content: BucketContent | undefined;
}

function newFeed(): ChangeFeed<Change> {
  const of = ({ key, entry }: Change): number => 2 * key.length + (entry?.value.length ?? 0);
  return new ChangeFeed(MAX_WAITING, { most: MAX_WAITING_BYTES, of });
}
