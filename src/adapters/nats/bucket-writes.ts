import { SealwireError } from "../../core/model/errors.ts";
import { asked, type Bucket, metAnother } from "./bucket.ts";
import { type BucketCache, type OwnWrite, valueContext } from "./bucket-cache.ts";
import { contentBytes } from "./bucket-content.ts";
import { ClusterSeal, SEAL_BYTES } from "./cluster-seal.ts";
import { codeOfEngine, engineError, hasClosed } from "./engine-error.ts";

/** One write of a bucket; without a value it deletes. */
export interface BucketWrite {
  readonly key: string;
  readonly value?: Uint8Array;
  readonly expected?: number | undefined;
}

/** Writes that may be under way; one more is refused. */
const MAX_UNDER_WAY = 10_000;
/** Of the engine's own headers in one message. */
const HEADER_BYTES = 512;
/** Tries when strangers write into the bucket between a look and a write. */
const MAX_TRIES = 5;

/** Writes into a bucket, and knows afterwards what became of it. */
export class BucketWrites {
  readonly #bucket: Bucket;
  readonly #cache: BucketCache;
  readonly #expect: (sequence: number) => void;
  readonly #timeoutMs: number;
  readonly #underWay = new Set<Promise<number>>();
  #closed = false;

  /** `expect` is told what the cache does not have yet and the bucket has. */
  constructor(
    bucket: Bucket,
    cache: BucketCache,
    expect: (sequence: number) => void,
    timeoutMs: number,
  ) {
    this.#bucket = bucket;
    this.#cache = cache;
    this.#expect = expect;
    this.#timeoutMs = timeoutMs;
  }

  checkOpen(): void {
    if (this.#closed) throw hasClosed(this.#bucket.stream);
  }

  /** Resolves with the version when the engine has it and this node has seen it. */
  write(write: BucketWrite): Promise<number> {
    const writing = this.#begin(write);
    this.#underWay.add(writing);
    const over = (): void => void this.#underWay.delete(writing);
    writing.then(over, over);
    return writing;
  }

  /** Waits for the writes that have begun. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#underWay);
  }

  async #begin(write: BucketWrite): Promise<number> {
    this.checkOpen();
    if (this.#underWay.size >= MAX_UNDER_WAY) throw overloaded();
    const { key, value } = write;
    const content = contentBytes(write);
    this.#checkSize(content.length);
    this.#bucket.link.checkThere();
    const attempt: Attempt = {
      key,
      content,
      deletes: value === undefined,
      name: this.#bucket.nameOf(key),
      expected: write.expected,
      stop: new AbortController(),
    };
    return this.#inTime(this.#try(attempt), attempt);
  }

  /**
   * The engine judges by the last sequence of the name. That is the version, unless the key was
   * deleted or a stranger wrote: then the engine is asked for it.
   */
  async #try(attempt: Attempt): Promise<number> {
    let last: number | undefined;
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const version = this.#versionOf(attempt.key);
      const fits = attempt.expected === undefined || attempt.expected === version;
      if (last === undefined && (!fits || (attempt.deletes && version === 0))) {
        // What is known here may be old.
        last = await this.#catchUp(attempt.name);
        continue;
      }
      if (!fits) throw conflict(attempt, version);
      if (attempt.deletes && version === 0) return 0;
      const onto = attempt.expected === undefined ? undefined : Math.max(version, last ?? 0);
      const written = await this.#send(attempt, onto);
      if (written !== undefined) return written;
      last = await this.#catchUp(attempt.name);
    }
    throw engineError(this.#bucket.stream, "others write to the same key all the time");
  }

  /** `undefined` when the name has another last sequence. */
  async #send(attempt: Attempt, onto: number | undefined): Promise<number | undefined> {
    const { seal, stream } = this.#bucket;
    const { name, deletes, stop } = attempt;
    const { signal } = stop;
    // Nobody waits any more: what is sent now would be a surprise.
    signal.throwIfAborted();
    const sealed = seal.seal(attempt.content, valueContext(stream, name));
    const count = ClusterSeal.countOf(sealed);
    const own = this.#cache.lookFor(count);
    const gaps = this.#cache.gaps;
    try {
      const sequence = await this.#bucket.publish({ name, sealed, onto, deletes, signal });
      await this.#seen(sequence);
      return sequence;
    } catch (thrown) {
      if (metAnother(thrown)) return own.sequence;
      if (codeOfEngine(thrown) !== 0) throw thrown;
      return await this.#outcome(attempt, own, gaps, thrown);
    } finally {
      this.#cache.letGo(count);
    }
  }

  /** The answer was lost: what has come back from the bucket tells whether it was done. */
  async #outcome(attempt: Attempt, own: OwnWrite, gaps: number, cause: unknown): Promise<number> {
    await this.#bucket.link.backAgain();
    const { state } = await this.#bucket.info();
    await this.#seen(state.last_seq);
    if (own.sequence !== undefined) return own.sequence;
    const version = this.#versionOf(attempt.key);
    const { expected } = attempt;
    if (expected !== undefined && expected !== version && gaps === this.#cache.gaps) {
      throw conflict(attempt, version);
    }
    throw engineError(`it is not known whether ${this.#bucket.stream} has the write`, cause);
  }

  async #catchUp(name: string): Promise<number> {
    const { link, manager, stream, prefix } = this.#bucket;
    const query = { last_by_subj: `${prefix}${name}` };
    const last = await asked(link, manager.streams.getMessage(stream, query));
    const sequence = last?.seq ?? 0;
    await this.#seen(sequence);
    return sequence;
  }

  async #seen(sequence: number): Promise<void> {
    if (sequence <= this.#cache.position) return;
    this.#expect(sequence);
    await this.#cache.seen(sequence);
  }

  #versionOf(key: string): number {
    return this.#cache.get(key)?.version ?? 0;
  }

  #checkSize(length: number): void {
    const most = this.#bucket.link.maxPayloadBytes - SEAL_BYTES - HEADER_BYTES;
    if (length <= most) return;
    const message = `an entry has ${length} bytes with its key, and NATS there carries ${most}`;
    throw new SealwireError("TOO_LARGE", `${message}; see max_payload`);
  }

  #inTime(writing: Promise<number>, { stop }: Attempt): Promise<number> {
    return new Promise((resolve, reject) => {
      const late = (): void => {
        const what = `it is not known whether ${this.#bucket.stream} has the write`;
        const error = engineError(what, "timeout");
        reject(error);
        stop.abort(error);
      };
      const timer = setTimeout(late, this.#timeoutMs);
      const failed = (thrown: unknown): void =>
        reject(engineError(`cannot write to ${this.#bucket.stream}`, thrown));
      writing.then(resolve, failed).finally(() => clearTimeout(timer));
    });
  }
}

interface Attempt {
  readonly key: string;
  /** What the engine calls the key. */
  readonly name: string;
  readonly deletes: boolean;
  readonly content: Uint8Array;
  readonly expected: number | undefined;
  /** Aborted when the caller has been told that nobody knows. */
  readonly stop: AbortController;
}

function conflict({ key, expected }: Attempt, version: number): SealwireError {
  const message = `${key} has version ${version}, not ${expected}: read it and try again`;
  return new SealwireError("CONFLICT", message, { details: { version } });
}

function overloaded(): SealwireError {
  const message = `${MAX_UNDER_WAY} writes wait for the engine; try again when some are done`;
  return new SealwireError("RATE_LIMITED", message);
}
