import type { JetStreamManager, StreamInfo } from "@nats-io/jetstream";
import { SealwireError } from "../../core/model/errors.ts";
import type { CryptoProvider } from "../../crypto/provider.ts";
import { randomBytes } from "../../crypto/random.ts";
import { keyBytes } from "./bucket-content.ts";
import { type Publish, publisher } from "./bucket-publish.ts";
import { type ClusterSeal, nameUnder } from "./cluster-seal.ts";
import { codeOfEngine, engineError } from "./engine-error.ts";
import type { NatsModules } from "./load-nats.ts";
import type { NatsLink } from "./nats-link.ts";
import type { BucketLimits } from "./store-options.ts";

/** A bucket of JetStream: a stream laid out as NATS lays out its key-value buckets. */
export interface Bucket {
  readonly link: NatsLink;
  readonly manager: JetStreamManager;
  readonly seal: ClusterSeal;
  /** The name of the stream in the engine. */
  readonly stream: string;
  /** What the subjects of its keys begin with. */
  readonly prefix: string;
  /** What the subjects begin with under which the engine says each write aloud, where it does. */
  readonly spoken: string | undefined;
  /** @throws `TOO_LARGE` for a key that is too long, `INVALID_ARGUMENT` for one that is no text */
  placeOf(key: string): BucketPlace;
  info(): Promise<StreamInfo>;
  readonly publish: Publish;
}

/** Where a key stands in a bucket. */
export interface BucketPlace {
  /** What the key is called in the engine. */
  readonly name: string;
  readonly keyBytes: Uint8Array;
}

/** Of JetStream: no such stream, a name in use, another sequence than expected. */
const [NO_STREAM, STREAM_IN_USE, OTHER_SEQUENCE] = [10_059, 10_058, 10_071];
const STREAM_PREFIX = "KV_";
/** Beside the hashed names of keys; its content is sealed like theirs. */
export const NAMES = "names";
const NAME_KEY_BYTES = 32;

/**
 * Opens the bucket, and makes it if it is not there.
 *
 * @throws `UNAVAILABLE` without JetStream; `RECORD_REJECTED` when it was sealed with another key
 */
export async function openBucket(
  modules: NatsModules,
  link: NatsLink,
  provider: CryptoProvider,
  seal: ClusterSeal,
  name: string,
  limits: BucketLimits,
): Promise<Bucket> {
  const timeout = limits.writeTimeoutMs;
  const options = { timeout, checkAPI: false };
  const manager = await modules.jetstream.jetstreamManager(link.connection, options);
  const [stream, prefix] = [`${STREAM_PREFIX}${name}`, `$KV.${name}.`];
  const publish = publisher(modules, link, prefix);
  const parts = { link, manager, seal, stream, prefix, publish };
  const info = (): Promise<StreamInfo> => asked(link, manager.streams.info(stream));
  try {
    const spoken = await ensureStream(parts, limits);
    const nameKey = await nameKeyOf(parts);
    return { ...parts, spoken, info, placeOf: places(provider, nameKey) };
  } catch (thrown) {
    throw engineError(`cannot open the bucket ${name} of ${link.description}`, thrown);
  }
}

/** What JetStream answers. @throws `UNAVAILABLE` when the engine is lost meanwhile */
export function asked<Answer>(link: NatsLink, answer: Promise<Answer>): Promise<Answer> {
  return link.whileThere(answer);
}

/** Whether JetStream refused a write because the subject had another last sequence. */
export function metAnother(error: unknown): boolean {
  return codeOfEngine(error) === OTHER_SEQUENCE;
}

type Parts = Omit<Bucket, "placeOf" | "info" | "spoken">;

/** @returns what its writes are said aloud under */
async function ensureStream(bucket: Parts, limits: BucketLimits): Promise<string | undefined> {
  const { link, manager, stream, prefix } = bucket;
  const spoken = `${stream.slice(STREAM_PREFIX.length)}.spoken.`;
  try {
    return spokenUnder(await asked(link, manager.streams.info(stream)));
  } catch (thrown) {
    if (codeOfEngine(thrown) !== NO_STREAM) throw thrown;
    const adding = manager.streams.add({
      name: stream,
      subjects: [`${prefix}>`],
      max_msgs_per_subject: limits.history,
      max_bytes: limits.maxBytes,
      num_replicas: limits.replicas,
      // What is full refuses; it must not drop what was acknowledged.
      discard: "new",
      storage: "file",
      retention: "limits",
      allow_rollup_hdrs: true,
      deny_delete: true,
      republish: { src: `${prefix}>`, dest: `${spoken}>` },
    });
    try {
      return spokenUnder(await asked(link, adding));
    } catch (refused) {
      // Another node was faster, with other limits.
      if (codeOfEngine(refused) !== STREAM_IN_USE) throw refused;
      return spokenUnder(await asked(link, manager.streams.info(stream)));
    }
  }
}

function spokenUnder({ config }: StreamInfo): string | undefined {
  const { dest = "" } = config.republish ?? {};
  return dest.endsWith(".>") ? dest.slice(0, -1) : undefined;
}

/**
 * The key that names are hashed with. It is kept in the bucket, sealed: a change of the cluster's
 * key must not change the names.
 */
async function nameKeyOf(bucket: Parts): Promise<Uint8Array> {
  const { link, manager, seal, stream, prefix } = bucket;
  const subject = `${prefix}${NAMES}`;
  for (;;) {
    const query = { last_by_subj: subject };
    const kept = await asked(link, manager.streams.getMessage(stream, query));
    const opened = kept && seal.open(kept.data, namesContext(stream));
    if (kept && opened?.plaintext.length !== NAME_KEY_BYTES) throw otherKey(stream);
    const nameKey = opened?.plaintext ?? randomBytes(NAME_KEY_BYTES);
    if (opened?.current) return nameKey;
    const sealed = seal.seal(nameKey, namesContext(stream));
    try {
      await bucket.publish({ name: NAMES, sealed, onto: kept?.seq ?? 0 }).answer;
      return nameKey;
    } catch (thrown) {
      if (!metAnother(thrown)) throw thrown;
    }
  }
}

/** Keys that are remembered; others are hashed again. */
const MAX_PLACES = 10_000;

function places(provider: CryptoProvider, nameKey: Uint8Array): Bucket["placeOf"] {
  const known = new Map<string, BucketPlace>();
  return (key) => {
    const before = known.get(key);
    if (before) return before;
    const bytes = keyBytes(key);
    const place = { name: nameUnder(provider, nameKey, `key ${key}`), keyBytes: bytes };
    if (known.size >= MAX_PLACES) known.clear();
    known.set(key, place);
    return place;
  };
}

const namesContext = (stream: string): string => `names ${stream}`;

function otherKey(stream: string): SealwireError {
  const message = `the bucket ${stream} was sealed with another cluster key, or has been altered`;
  return new SealwireError("RECORD_REJECTED", `${message}: give its key, or another name`);
}
