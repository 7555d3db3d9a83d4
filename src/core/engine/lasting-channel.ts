import type { Clock } from "../contracts/clock.ts";
import type { Framing } from "../contracts/framing.ts";
import type { Channel } from "../contracts/transport.ts";
import { SealwireError } from "../model/errors.ts";
import type { Gate } from "./gate.ts";
import type { Lasting, Link } from "./handshake.ts";

/** What a path over several channels needs of its owner. */
export interface LastingOptions {
  readonly clock: Clock;
  /** A fresh one. Lent, so that pages need not load it apart. */
  readonly gate: Gate;
  /** How long there may be no channel. */
  readonly windowMs: number;
  /** The channel is lost; another may be attached. */
  onLost(error: SealwireError): void;
}

/**
 * A link whose session goes on over one channel after the other. Between two it is a channel that
 * is full: nothing comes and everybody waits. Nothing above it notices.
 */
export function lastingLink(link: Link, options: LastingOptions): LastingLink {
  const channel = new LastingChannel(link, options);
  return { ...link, channel, framing: channel.framing, chunks: channel, lasting: channel };
}

/** As `lastingLink` gives it. */
export type LastingLink = Link & { readonly lasting: LastingChannel };

/** One path to one peer over several channels, one at a time. */
export class LastingChannel implements Channel, Lasting, AsyncIterator<Uint8Array> {
  readonly boundaries = "lost";
  /** Cuts and wraps as the present channel needs it. */
  readonly framing: Framing;
  readonly #options: LastingOptions;
  #remote: string;
  #link: Link | undefined;
  /** The frames of the chunk that was handed out last: a channel that is lost takes them along. */
  #cut: readonly Uint8Array[] = NONE;
  #ended: SealwireError | true | undefined;
  #final = false;
  #fresh = false;
  /** Whether a chunk was taken whole since the last that was damaged. */
  #isSound = true;
  /** Whether frames were handed out that nobody has refused so far. */
  #taken = false;
  #turn = 0;
  #stopWaiting: (() => void) | undefined;
  readonly #changed: Gate;

  constructor(link: Link, options: LastingOptions) {
    this.#options = options;
    this.#changed = options.gate;
    this.#remote = this.#use(link);
    this.framing = {
      maxFrameBytes: link.framing.maxFrameBytes,
      push: () => this.#take(),
      wrap: (frame) => this.#link?.framing.wrap(frame) ?? NONE,
      refused: (error) => this.#damaged(error),
    };
  }

  /** Where the peer is, or was last. */
  get remote(): string {
    return this.#remote;
  }

  /** Whether there is no channel now, and there may be another. */
  get away(): boolean {
    return this.#link === undefined && this.#ended === undefined;
  }

  /** Whether no other channel can follow. */
  get final(): boolean {
    return this.#final;
  }

  /** No other channel will follow: one side has said goodbye. Returns whether that is new. */
  stay(): boolean {
    const first = !this.#final;
    this.#final = true;
    return first;
  }

  /** The present channel is of no use. Returns whether the path goes on without it. */
  lose(error: SealwireError): boolean {
    if (this.#final || this.#ended) return false;
    const link = this.#link;
    if (!link) return true;
    this.#leave(link, error);
    this.#options.onLost(error);
    return true;
  }

  /** Takes the path from the channel it may have, for another. What `attach` wants to see. */
  take(): number {
    if (this.#link) this.lose(replaced());
    this.#turn += 1;
    return this.#turn;
  }

  /** Goes on over another channel, unless it is over or somebody else came later. */
  attach(link: Link, turn: number): boolean {
    if (!this.away || turn !== this.#turn) return false;
    this.#stopWaiting?.();
    this.#remote = this.#use(link);
    this.#cut = link.early;
    this.#fresh = true;
    const missed = link.session.resumption?.missed() ?? NONE;
    void link.channel.write(missed.flatMap((frame) => link.framing.wrap(frame)));
    this.#changed.open();
    return true;
  }

  /** It ends, with or without a channel; the reader is told why. */
  giveUp(error: SealwireError): void {
    this.#final = true;
    this.#ended ??= error;
    this.#stopWaiting?.();
    void this.#link?.channel.close(error);
    this.#link = undefined;
    this.#changed.open();
  }

  /** While there is no channel, what was sealed is kept by the session. */
  write(chunks: readonly Uint8Array[], release?: () => void): Promise<void> | undefined {
    if (this.#link) return this.#link.channel.write(chunks, release);
    release?.();
    return this.#ended ? undefined : this.#changed.wait();
  }

  async close(reason?: Error): Promise<void> {
    this.#final = true;
    this.#stopWaiting?.();
    if (!this.#link) this.#ended ??= true;
    this.#changed.open();
    await this.#link?.channel.close(reason);
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return this;
  }

  next(): Promise<IteratorResult<Uint8Array>> {
    const link = this.#link;
    if (!link || this.#fresh) return this.#begin();
    this.#isSound ||= this.#taken;
    this.#taken = false;
    // Without `async`: each of its steps would cost once a chunk.
    return link.chunks.next().then(
      (result) => this.#arrived(link, result),
      (thrown: unknown) => this.#failed(link, thrown),
    );
  }

  /** Waits for a channel; the first thing it gives is what it brought along. */
  async #begin(): Promise<IteratorResult<Uint8Array>> {
    while (!this.#link) {
      if (this.#ended === true) return DONE;
      if (this.#ended) throw this.#ended;
      await this.#changed.wait();
    }
    this.#fresh = false;
    return EMPTY;
  }

  #arrived(
    link: Link,
    result: IteratorResult<Uint8Array>,
  ): IteratorResult<Uint8Array> | Promise<IteratorResult<Uint8Array>> {
    // What a channel still gives that is not the one any more is not taken.
    if (this.#link !== link) return this.next();
    if (result.done) return this.lose(left()) ? this.next() : result;
    this.#cut = link.framing.push(result.value);
    this.#taken = this.#cut.length > 0;
    return result;
  }

  #failed(link: Link, thrown: unknown): Promise<IteratorResult<Uint8Array>> {
    if (this.#link !== link) return this.next();
    const error = SealwireError.from(thrown, "UNAVAILABLE");
    if (error.code === "UNAVAILABLE" && this.lose(error)) return this.next();
    throw error;
  }

  /** Damage takes its channel along, not the session; if it comes at once again, both. */
  #damaged(error: unknown): boolean {
    const isFirst = this.#isSound;
    this.#isSound = false;
    this.#taken = false;
    if (!isFirst || !(error instanceof SealwireError)) return false;
    return error.code === "RECORD_REJECTED" && this.lose(error);
  }

  #use(link: Link): string {
    this.#link = link;
    link.channel.noticesDamage = true;
    return link.channel.remote;
  }

  #take(): readonly Uint8Array[] {
    const frames = this.#cut;
    this.#cut = NONE;
    return frames;
  }

  #leave({ channel }: Link, error: SealwireError): void {
    this.#link = undefined;
    this.#cut = NONE;
    this.#fresh = false;
    void channel.close(error);
    const { clock, windowMs } = this.#options;
    this.#stopWaiting = clock.after(windowMs, () => this.giveUp(error));
  }
}

const NONE: readonly Uint8Array[] = Object.freeze([]);
const DONE: IteratorResult<Uint8Array> = Object.freeze({ done: true, value: undefined });
const EMPTY: IteratorResult<Uint8Array> = Object.freeze({ done: false, value: new Uint8Array(0) });

function left(): SealwireError {
  return new SealwireError("UNAVAILABLE", "the peer has left without a goodbye");
}

function replaced(): SealwireError {
  return new SealwireError("UNAVAILABLE", "the peer goes on over another channel");
}
