import type { Bucket } from "./bucket.ts";
import type { NatsLink } from "./nats-link.ts";

/** When marks of deletions are taken away. */
export interface SweepTimes {
  /** For so long every node may be away and still learn of the deletion. */
  readonly keepMs: number;
  readonly everyMs: number;
}

/** Nodes that were away for half of the first read everything anew. */
export const SWEEP_TIMES: SweepTimes = Object.freeze({ keepMs: 3_600_000, everyMs: 600_000 });

/** Marks that one node looks after; further ones are left to its next start. */
const MAX_MARKS = 100_000;
/** Marks that are taken away at once, so that the engine has time for others. */
const MAX_AT_ONCE = 1_000;

/** What is swept. */
export interface SweptBucket extends Pick<Bucket, "manager" | "stream" | "prefix"> {
  readonly link: Pick<NatsLink, "reachable" | "logger" | "whileThere">;
}

interface Mark {
  readonly sequence: number;
  readonly seenAt: number;
}

/** Takes away what deleted keys leave in a bucket, once every node knows of the deletion. */
export class BucketSweeper {
  readonly #bucket: SweptBucket;
  readonly #times: SweepTimes;
  readonly #marks = new Map<string, Mark>();
  readonly #timer: NodeJS.Timeout;

  constructor(bucket: SweptBucket, times: SweepTimes = SWEEP_TIMES) {
    this.#bucket = bucket;
    this.#times = times;
    // Not all nodes at once: one that sweeps leaves nothing to the others.
    const everyMs = times.everyMs * (1 + Math.random());
    this.#timer = setInterval(() => void this.sweep(), everyMs);
    this.#timer.unref();
  }

  /** A key was deleted here, as this node has just seen. */
  deleted(name: string, sequence: number): void {
    if (this.#marks.size >= MAX_MARKS && !this.#marks.has(name)) return;
    this.#marks.delete(name);
    this.#marks.set(name, { sequence, seenAt: performance.now() });
  }

  /** The key is there again. */
  written(name: string): void {
    this.#marks.delete(name);
  }

  /** Takes away the marks that are old enough. */
  async sweep(): Promise<void> {
    const { link, manager, stream, prefix } = this.#bucket;
    const before = performance.now() - this.#times.keepMs;
    let swept = 0;
    for (const [name, { sequence, seenAt }] of this.#marks) {
      // In the order in which they were seen.
      if (seenAt > before || swept >= MAX_AT_ONCE || !link.reachable) return;
      swept += 1;
      try {
        // Whoever writes the key again meanwhile has a later sequence, which stays.
        const query = { filter: `${prefix}${name}`, seq: sequence + 1 };
        await link.whileThere(manager.streams.purge(stream, query));
        if (this.#marks.get(name)?.sequence === sequence) this.#marks.delete(name);
      } catch (err) {
        link.logger.warn({ err }, `${stream} cannot be swept now`);
        return;
      }
    }
  }

  close(): void {
    clearInterval(this.#timer);
    this.#marks.clear();
  }
}
