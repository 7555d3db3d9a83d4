import type { Clock } from "../core/contracts/clock.ts";
import type { Dialect } from "../core/contracts/dialect.ts";
import type { Layer } from "../core/contracts/layer.ts";
import type { Channel, Listener } from "../core/contracts/transport.ts";
import { SealwireError } from "../core/model/errors.ts";

/** A channel whose dialect is known, with what was read to find out. */
export interface Recognised {
  readonly channel: Channel;
  readonly dialect: Dialect;
  readonly chunks: AsyncIterator<Uint8Array>;
  readonly head: readonly Uint8Array[];
}

/** What may speak on one port. */
export interface Speakers {
  readonly dialects: readonly Dialect[];
  readonly layers: readonly Layer[];
}

/** So many bytes must tell which dialect it is. */
const MAX_HEAD_BYTES = 4_096;

/** Hands over every channel that comes, until the listener closes. One bad channel hurts no other. */
export async function acceptLoop(
  listener: Listener,
  take: (channel: Channel) => Promise<void>,
  failed: (error: unknown, channel: Channel) => void,
): Promise<void> {
  for await (const channel of listener) {
    take(channel).catch((error) => failed(error, channel));
  }
}

/**
 * Finds out which dialect a channel speaks, through the layers around it. `undefined` when a layer
 * served the peer itself.
 *
 * @throws `HANDSHAKE_FAILED` when nobody knows these bytes, or they do not come in time
 */
export async function recognise(
  channel: Channel,
  speakers: Speakers,
  limits: RecogniseLimits,
): Promise<Recognised | undefined> {
  const { clock, timeoutMs, signal } = limits;
  // A layer puts another channel in the place of this one.
  const looking: Looking = { channel, late: undefined };
  const end = (error: SealwireError): void => {
    looking.late = error;
    void looking.channel.close(error);
  };
  const abort = (): void => end(SealwireError.from(signal.reason, "UNAVAILABLE"));
  const cancel = clock.after(timeoutMs, () => end(tooSlow(timeoutMs)));
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await lookInto(looking, speakers);
  } catch (thrown) {
    const error = looking.late ?? SealwireError.from(thrown, "HANDSHAKE_FAILED");
    void looking.channel.close(error);
    throw error;
  } finally {
    cancel();
    signal.removeEventListener("abort", abort);
  }
}

/** How long strangers may take to say what they speak. */
export interface RecogniseLimits {
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** Aborted when the server closes. */
  readonly signal: AbortSignal;
}

interface Looking {
  channel: Channel;
  /** Why looking was ended from outside. */
  late: SealwireError | undefined;
}

async function lookInto(looking: Looking, speakers: Speakers): Promise<Recognised | undefined> {
  const { dialects, layers } = speakers;
  const { channel } = looking;
  const chunks = channel[Symbol.asyncIterator]();
  const [only] = dialects;
  const fitting = channel.boundaries === "kept" ? [] : layers;
  if (only && dialects.length === 1 && fitting.length === 0) {
    return { channel, dialect: only, chunks, head: [] };
  }
  const head: Uint8Array[] = [];
  for (;;) {
    const { done, value } = await chunks.next();
    if (looking.late) throw looking.late;
    if (done) return void channel.close();
    head.push(value);
    const bytes = joined(head);
    const layer = fitting.find((candidate) => candidate.recognizes(bytes));
    if (layer) return throughLayer(looking, layer, bytes, speakers);
    const dialect = dialects.find((candidate) => candidate.recognizes?.(bytes));
    if (dialect) return { channel, dialect, chunks, head };
    if (!undecided(bytes, dialects, fitting)) throw nobodyKnows();
  }
}

async function throughLayer(
  looking: Looking,
  layer: Layer,
  head: Uint8Array,
  { dialects, layers }: Speakers,
): Promise<Recognised | undefined> {
  const inner = await layer.accept(looking.channel, head);
  if (!inner) return undefined;
  looking.channel = inner;
  if (looking.late) throw looking.late;
  // A layer within itself would be a way to nest without end.
  return lookInto(looking, { dialects, layers: layers.filter((other) => other !== layer) });
}

function undecided(
  head: Uint8Array,
  dialects: readonly Dialect[],
  layers: readonly Layer[],
): boolean {
  if (head.length > MAX_HEAD_BYTES) return false;
  return (
    layers.some((layer) => layer.recognizes(head) === undefined) ||
    dialects.some(({ recognizes }) => recognizes !== undefined && recognizes(head) === undefined)
  );
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const [first] = chunks;
  if (first && chunks.length === 1) return first;
  const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

function nobodyKnows(): SealwireError {
  return new SealwireError("HANDSHAKE_FAILED", "the first bytes belong to no dialect spoken here");
}

function tooSlow(timeoutMs: number): SealwireError {
  return new SealwireError("DEADLINE_EXCEEDED", `no first bytes within ${timeoutMs} ms`);
}
