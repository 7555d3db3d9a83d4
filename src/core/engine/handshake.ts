import type { Clock } from "../contracts/clock.ts";
import type { Acceptor, Dialect, Initiator, Session, Wire } from "../contracts/dialect.ts";
import type { Framing } from "../contracts/framing.ts";
import type { Channel } from "../contracts/transport.ts";
import { SealwireError } from "../model/errors.ts";
import type { ConnectionLimits } from "./limits.ts";
import { wholeFrames } from "./whole-frames.ts";

/** A channel whose greeting is over, with everything that arrived early. */
export interface Link {
  /** Whether we went to the peer; else it came to us. */
  readonly connected: boolean;
  readonly channel: Channel;
  readonly dialect: Dialect;
  readonly session: Session;
  readonly framing: Framing;
  /** The one iterator of the channel: `for await` would close it at the first `break`. */
  readonly chunks: AsyncIterator<Uint8Array>;
  /** Frames that came in the same chunk as the end of the greeting. */
  readonly early: readonly Uint8Array[];
  /** Present where the session may go on over another channel. */
  readonly lasting?: Lasting;
}

/** What a connection sees of a path that may go on over another channel. */
export interface Lasting {
  /** Whether there is no channel now, and there may be another. */
  readonly away: boolean;
  /** The present channel is of no use. Returns whether the path goes on without it. */
  lose(error: SealwireError): boolean;
  /** No other channel will follow: one side has said goodbye. Returns whether that is new. */
  stay(): boolean;
}

/** What a greeting needs, whichever side of it we are. */
export interface Greeting {
  readonly channel: Channel;
  readonly dialect: Dialect;
  readonly limits: ConnectionLimits;
  readonly clock: Clock;
  /** Aborts the greeting from outside: the server closes, the caller gave up. */
  readonly signal?: AbortSignal;
  /** Chunks already read while the dialect was being recognised. */
  readonly head?: readonly Uint8Array[];
  readonly chunks?: AsyncIterator<Uint8Array>;
}

/** The parts of an acceptor that do not depend on the single greeting. */
export type AcceptorParts = Omit<Acceptor, "signal">;
/** The parts of an initiator that do not depend on the single greeting. */
export type InitiatorParts = Omit<Initiator, "signal">;

/**
 * Greets a peer that came to us.
 *
 * @throws `HANDSHAKE_FAILED` when the peer leaves, speaks nonsense or takes too long,
 * `UNAUTHENTICATED` when it proves nothing that is accepted. The channel is closed then.
 */
export function acceptHandshake(greeting: Greeting, parts: AcceptorParts): Promise<Link> {
  return greet(greeting, false, (wire, signal) =>
    greeting.dialect.accept(wire, { ...parts, signal }),
  );
}

/** Greets a peer we went to; fails as `acceptHandshake` does. */
export function connectHandshake(greeting: Greeting, parts: InitiatorParts): Promise<Link> {
  return greet(greeting, true, (wire, signal) =>
    greeting.dialect.connect(wire, { ...parts, signal }),
  );
}

async function greet(
  greeting: Greeting,
  connected: boolean,
  speak: (wire: Wire, signal: AbortSignal) => Promise<Session>,
): Promise<Link> {
  const { channel, dialect, limits } = greeting;
  const ended = new AbortController();
  const stop = endInTime(greeting, ended);
  try {
    const framing = framingFor(channel, dialect, limits.maxHandshakeBytes);
    const chunks = greeting.chunks ?? channel[Symbol.asyncIterator]();
    const wire = new HandshakeWire(channel, framing, chunks, greeting.head ?? [], ended.signal);
    const session = await Promise.race([speak(wire, ended.signal), rejection(ended.signal)]);
    framing.maxFrameBytes = limits.maxFrameBytes;
    return { connected, channel, dialect, session, framing, chunks, early: wire.rest() };
  } catch (thrown) {
    const error = SealwireError.from(thrown, "HANDSHAKE_FAILED");
    void channel.close(isRefusal(error) ? undefined : error);
    throw error;
  } finally {
    stop();
  }
}

const NOTHING = new Uint8Array(0);

/** After a refusal the peer should still read why, so the channel ends in order. */
function isRefusal(error: SealwireError): boolean {
  return error.code !== "DEADLINE_EXCEEDED" && error.code !== "CANCELLED";
}

function framingFor(channel: Channel, dialect: Dialect, maxFrameBytes: number): Framing {
  if (channel.boundaries === "kept") {
    if (dialect.text !== undefined) channel.text = dialect.text;
    return wholeFrames(maxFrameBytes);
  }
  if (dialect.framing) return dialect.framing({ maxFrameBytes });
  throw new SealwireError(
    "UNSUPPORTED",
    `the dialect ${dialect.name} runs only on channels that keep boundaries, such as WebSocket`,
  );
}

function endInTime({ limits, clock, signal }: Greeting, ended: AbortController): () => void {
  const late = new SealwireError(
    "DEADLINE_EXCEEDED",
    `the handshake was not over within ${limits.handshakeTimeoutMs} ms`,
  );
  const cancelTimer = clock.after(limits.handshakeTimeoutMs, () => ended.abort(late));
  const abort = () => ended.abort(SealwireError.from(signal?.reason, "CANCELLED"));
  if (signal?.aborted) abort();
  signal?.addEventListener("abort", abort, { once: true });
  return () => {
    cancelTimer();
    signal?.removeEventListener("abort", abort);
  };
}

function rejection(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

/** Whole frames for the length of a greeting. */
class HandshakeWire implements Wire {
  readonly remote: string;
  readonly #channel: Channel;
  readonly #framing: Framing;
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #signal: AbortSignal;
  #frames: Uint8Array[] = [];

  constructor(
    channel: Channel,
    framing: Framing,
    chunks: AsyncIterator<Uint8Array>,
    head: readonly Uint8Array[],
    signal: AbortSignal,
  ) {
    this.remote = channel.remote;
    this.#channel = channel;
    this.#framing = framing;
    this.#chunks = chunks;
    this.#signal = signal;
    for (const chunk of head) this.#frames.push(...framing.push(chunk));
  }

  async read(): Promise<Uint8Array> {
    for (;;) {
      const frame = this.rest().shift();
      if (frame) return frame;
      const { done, value } = await this.#chunks.next();
      this.#signal.throwIfAborted();
      if (done) throw left();
      this.#frames.push(...this.#framing.push(value));
    }
  }

  async write(frame: Uint8Array): Promise<void> {
    this.#signal.throwIfAborted();
    await this.#channel.write(this.#framing.wrap(frame));
  }

  /** What has come and was not read, also what the framing held back as too large until now. */
  rest(): Uint8Array[] {
    if (this.#frames.length === 0 && this.#channel.boundaries === "lost") {
      this.#frames.push(...this.#framing.push(NOTHING));
    }
    return this.#frames;
  }
}

function left(): SealwireError {
  return new SealwireError("HANDSHAKE_FAILED", "the peer left before the handshake was over");
}
