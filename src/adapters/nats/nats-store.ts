import type { Change, Entry, Store } from "../../core/contracts/store.ts";
import { later } from "../../core/engine/embedded-store.ts";
import { nodeCrypto } from "../../crypto/providers/best.node.ts";
import { openBucket } from "./bucket.ts";
import { BucketCache } from "./bucket-cache.ts";
import { BucketReader } from "./bucket-reader.ts";
import { BucketSweeper } from "./bucket-sweeper.ts";
import { BucketWrites } from "./bucket-writes.ts";
import { ClusterSeal } from "./cluster-seal.ts";
import { hasClosed } from "./engine-error.ts";
import { loadNats } from "./load-nats.ts";
import { NatsLink } from "./nats-link.ts";
import { natsTarget } from "./options.ts";
import { Rejections } from "./rejections.ts";
import { bucketLimits, type NatsStoreOptions } from "./store-options.ts";

/**
 * State that the nodes of a cluster share, in a bucket of JetStream under the cluster's name. The
 * engine keeps sealed values under hashed names. A write that has resolved is with the engine, in
 * the measure of its own settings. Reads are answered from what the engine has told this node, and
 * go on while it is gone: they may be older than what another node has just written, and are
 * never older than what this node has.
 *
 * @throws `UNSUPPORTED` when the packages of NATS are not installed; `UNAVAILABLE` when it cannot
 * be reached or has no JetStream; `RECORD_REJECTED` for a bucket sealed with another key
 *
 * @example
 * const store = await natsStore({ servers: "nats://127.0.0.1:4222", clusterKey });
 */
export async function natsStore(options: NatsStoreOptions): Promise<Store> {
  const target = natsTarget(options);
  const limits = bucketLimits(options);
  const provider = await nodeCrypto();
  const seal = new ClusterSeal(provider, target.clusterKeys);
  const modules = await loadNats();
  const link = await NatsLink.open(modules, options, target);
  try {
    const bucket = await openBucket(modules, link, provider, seal, target.name, limits);
    const sweeper = new BucketSweeper(bucket);
    const cache = new BucketCache(bucket, new Rejections(link.logger), sweeper);
    const reader = new BucketReader(bucket, cache);
    const expect = (sequence: number): void => reader.expect(sequence);
    const writes = new BucketWrites(bucket, cache, expect, limits.writeTimeoutMs);
    await startOf(reader, sweeper, target.connectTimeoutMs);
    const description = `bucket ${target.name} of ${link.description}`;
    return storeOf(description, cache, writes, async () => {
      await writes.close();
      reader.close();
      sweeper.close();
      cache.feed.end(hasClosed(description));
      cache.level();
      await link.close();
    });
  } catch (thrown) {
    await link.close();
    throw thrown;
  }
}

/** A reading that could not begin must not go on trying. */
async function startOf(
  reader: BucketReader,
  sweeper: BucketSweeper,
  timeoutMs: number,
): Promise<void> {
  try {
    await reader.start(timeoutMs);
  } catch (thrown) {
    reader.close();
    sweeper.close();
    throw thrown;
  }
}

function storeOf(
  description: string,
  cache: BucketCache,
  writes: BucketWrites,
  close: () => Promise<void>,
): Store {
  const changeOf = ([key, entry]: readonly [string, Entry]): Change => {
    return { key, entry, version: entry.version };
  };
  return {
    description,
    async get(key) {
      writes.checkOpen();
      return cache.get(key);
    },
    put: (key, value, expected) => writes.write({ key, value, expected }),
    async delete(key, expected) {
      await writes.write({ key, expected });
    },
    async *list(prefix) {
      writes.checkOpen();
      yield* cache.list(prefix);
    },
    watch(prefix, { signal, onCaughtUp }) {
      writes.checkOpen();
      const begin = () => {
        const first = signal.aborted ? [] : cache.list(prefix).map(changeOf);
        return cache.feed.watch({ prefix }, { signal, first, onCaughtUp });
      };
      return cache.evenly ? later(whenEven(cache, signal).then(begin)) : begin();
    },
    close,
  };
}

/** A gap may follow another before who waited goes on. */
async function whenEven(cache: BucketCache, signal: AbortSignal): Promise<void> {
  while (cache.evenly && !signal.aborted) await unlessAborted(cache.evenly, signal);
}

/** Resolves too when nobody wants to wait any more. */
function unlessAborted(until: Promise<void>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const over = (): void => {
      signal.removeEventListener("abort", over);
      resolve();
    };
    signal.addEventListener("abort", over);
    until.then(over, over);
  });
}
