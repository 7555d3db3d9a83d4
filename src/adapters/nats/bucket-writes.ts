import { SealwireError } from "../../core/model/errors.ts";
import { asked, type Bucket, metAnother } from "./bucket.ts";
import { type BucketCache, type OwnWrite, valueContext } from "./bucket-cache.ts";
import { type BucketContent, contentBytes } from "./bucket-content.ts";
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
  #underWay = 0;
  #whenNone: (() => void)[] = [];
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
  async write(write: BucketWrite): Promise<number> {
    const attempt = this.#begin(write);
    const timer = setTimeout(() => this.#tooLate(attempt), this.#timeoutMs);
    this.#underWay += 1;
    try {
      return await this.#try(attempt);
    } catch (thrown) {
      throw engineError(`cannot write to ${this.#bucket.stream}`, thrown);
    } finally {
      clearTimeout(timer);
      this.#underWay -= 1;
      if (this.#underWay === 0) for (const resolve of this.#whenNone.splice(0)) resolve();
    }
  }

  /** Waits for the writes that have begun. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#underWay === 0) return;
    await new Promise<void>((resolve) => this.#whenNone.push(resolve));
  }

  #begin(write: BucketWrite): Attempt {
    this.checkOpen();
    if (this.#underWay >= MAX_UNDER_WAY) throw overloaded();
    const { key, value, expected } = write;
    const { name, keyBytes } = this.#bucket.placeOf(key);
    const bytes = contentBytes(keyBytes, value);
    this.#checkSize(bytes.length);
    this.#bucket.link.checkThere();
    // Not the caller's bytes, which may change.
    const content = value ? { key, value: bytes.subarray(bytes.length - value.length) } : { key };
    const deletes = value === undefined;
    return { key, name, deletes, content, bytes, expected, late: undefined, giveUp: () => {} };
  }

  #tooLate(attempt: Attempt): void {
    attempt.late = engineError(unknownFate(this.#bucket), "timeout");
    attempt.giveUp(attempt.late);
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
        last = await this.#catchUp(attempt);
        continue;
      }
      if (!fits) throw conflict(attempt, version);
      if (attempt.deletes && version === 0) return 0;
      const onto = attempt.expected === undefined ? undefined : Math.max(version, last ?? 0);
      const written = await this.#send(attempt, onto);
      if (written !== undefined) return written;
      last = await this.#catchUp(attempt);
    }
    throw engineError(this.#bucket.stream, "others write to the same key all the time");
  }

  /** `undefined` when the name has another last sequence. */
  async #send(attempt: Attempt, onto: number | undefined): Promise<number | undefined> {
    const { seal, stream, link } = this.#bucket;
    const { name, deletes, content } = attempt;
    link.checkThere();
    const sealed = seal.seal(attempt.bytes, valueContext(stream, name));
    const count = ClusterSeal.countOf(sealed);
    const own: OwnWrite = { name, sealed, content };
    this.#cache.lookFor(count, own);
    const gaps = this.#cache.gaps;
    try {
      const { answer, giveUp } = this.#bucket.publish({ name, sealed, onto, deletes });
      attempt.giveUp = giveUp;
      const sequence = await answer;
      await this.#seen(attempt, sequence);
      return sequence;
    } catch (thrown) {
      if (metAnother(thrown)) return own.sequence;
      if (attempt.late || codeOfEngine(thrown) !== 0) throw thrown;
      return await this.#outcome(attempt, own, gaps, thrown);
    } finally {
      this.#cache.letGo(count);
    }
  }

  /** The answer was lost: what has come back from the bucket tells whether it was done. */
  async #outcome(attempt: Attempt, own: OwnWrite, gaps: number, cause: unknown): Promise<number> {
    await inTime(attempt, this.#bucket.link.backAgain());
    const { state } = await inTime(attempt, this.#bucket.info());
    await this.#seen(attempt, state.last_seq);
    if (own.sequence !== undefined) return own.sequence;
    const version = this.#versionOf(attempt.key);
    const { expected } = attempt;
    if (expected !== undefined && expected !== version && gaps === this.#cache.gaps) {
      throw conflict(attempt, version);
    }
    throw engineError(unknownFate(this.#bucket), cause);
  }

  async #catchUp(attempt: Attempt): Promise<number> {
    const { link, manager, stream, prefix } = this.#bucket;
    const query = { last_by_subj: `${prefix}${attempt.name}` };
    const last = await inTime(attempt, asked(link, manager.streams.getMessage(stream, query)));
    const sequence = last?.seq ?? 0;
    await this.#seen(attempt, sequence);
    return sequence;
  }

  async #seen(attempt: Attempt, sequence: number): Promise<void> {
    if (sequence <= this.#cache.position) return;
    this.#expect(sequence);
    await inTime(attempt, this.#cache.seen(sequence));
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
}

interface Attempt {
  readonly key: string;
  /** What the engine calls the key. */
  readonly name: string;
  readonly deletes: boolean;
  readonly content: BucketContent;
  readonly bytes: Uint8Array;
  readonly expected: number | undefined;
  /** What the caller is told when time is up; nothing is sent any more. */
  late: SealwireError | undefined;
  /** Ends what is waited for just now. */
  giveUp: (reason: unknown) => void;
}

/** As the promise, unless time is up before. */
function inTime<Result>(attempt: Attempt, promise: Promise<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    if (attempt.late) return reject(attempt.late);
    attempt.giveUp = reject;
    promise.then(resolve, reject);
  });
}

function unknownFate({ stream }: Bucket): string {
  return `it is not known whether ${stream} has the write`;
}

function conflict({ key, expected }: Attempt, version: number): SealwireError {
  const message = `${key} has version ${version}, not ${expected}: read it and try again`;
  return new SealwireError("CONFLICT", message, { details: { version } });
}

function overloaded(): SealwireError {
  const message = `${MAX_UNDER_WAY} writes wait for the engine; try again when some are done`;
  return new SealwireError("RATE_LIMITED", message);
}
