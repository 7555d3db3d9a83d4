import type { Clock } from "../core/contracts/clock.ts";
import type { Dialect } from "../core/contracts/dialect.ts";
import type { Framing } from "../core/contracts/framing.ts";
import type { Channel } from "../core/contracts/transport.ts";
import { wholeFrames } from "../core/engine/whole-frames.ts";
import { SealwireError } from "../core/model/errors.ts";
import type { Recognised } from "./accept-loop.ts";

/** Where a session is, if another node has it. */
export type Lead = (id: Uint8Array) => Promise<Channel | undefined>;

/** What may be led, and for how long one waits for its first frame. */
export interface LeadLimits {
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly maxHandshakeBytes: number;
  readonly maxFrameBytes: number;
  /** Aborted when the server closes. */
  readonly signal: AbortSignal;
}

/**
 * Joins a channel whose peer wants to go on with a session of another node to that node, until one
 * of both ends. Any other comes back as it was, with what was read of it.
 */
export async function leadAway(
  found: Recognised,
  lead: Lead,
  limits: LeadLimits,
): Promise<Recognised | undefined> {
  const { channel, dialect, chunks } = found;
  if (!dialect.sessionIn || !dialect.framing) return found;
  const head = [...found.head];
  const late = () => void channel.close(tooSlow(limits.timeoutMs));
  const cancel = limits.clock.after(limits.timeoutMs, late);
  const frame = await firstFrame(framingOf(channel, dialect, limits), head, chunks);
  cancel();
  const id = frame && dialect.sessionIn(frame);
  const there = id && (await lead(id));
  if (!there) return { ...found, head };
  const abort = (): void => {
    const reason = SealwireError.from(limits.signal.reason, "UNAVAILABLE");
    for (const each of [channel, there]) void each.close(reason);
  };
  limits.signal.addEventListener("abort", abort, { once: true });
  if (limits.signal.aborted) abort();
  await join({ ...found, head }, there, limits.maxFrameBytes);
  limits.signal.removeEventListener("abort", abort);
  return undefined;
}

/** Reads on until a frame is whole; what is read is added to the head. */
async function firstFrame(
  framing: Framing,
  head: Uint8Array[],
  chunks: AsyncIterator<Uint8Array>,
): Promise<Uint8Array | undefined> {
  try {
    for (const chunk of head) {
      const [frame] = framing.push(chunk);
      if (frame) return frame;
    }
    for (;;) {
      const { done, value } = await chunks.next();
      if (done) return undefined;
      head.push(value);
      const [frame] = framing.push(value);
      if (frame) return frame;
    }
  } catch {
    // The greeting meets the same, and says why.
    return undefined;
  }
}

function framingOf(
  { boundaries }: Channel,
  dialect: Dialect,
  { maxHandshakeBytes }: LeadLimits,
): Framing {
  const own = boundaries === "kept" ? undefined : dialect.framing;
  return own?.({ maxFrameBytes: maxHandshakeBytes }) ?? wholeFrames(maxHandshakeBytes);
}

/** The other node reads a stream of bytes, whatever the peer's channel is. */
async function join(
  { channel, dialect, chunks, head }: Recognised,
  there: Channel,
  maxFrameBytes: number,
): Promise<void> {
  const framing = channel.boundaries === "kept" ? dialect.framing?.({ maxFrameBytes }) : undefined;
  const away = (chunk: Uint8Array) => framing?.wrap(chunk) ?? [chunk];
  const back = (chunk: Uint8Array) => framing?.push(chunk) ?? [chunk];
  for (const chunk of head) await there.write(away(chunk));
  await Promise.all([
    carry(chunks, there, channel, away),
    carry(there[Symbol.asyncIterator](), channel, there, back),
  ]);
}

/** Carries what comes from one end to the other, as fast as that takes it; then ends both. */
async function carry(
  chunks: AsyncIterator<Uint8Array>,
  to: Channel,
  from: Channel,
  framed: (chunk: Uint8Array) => readonly Uint8Array[],
): Promise<void> {
  try {
    for (;;) {
      const { done, value } = await chunks.next();
      if (done) break;
      await to.write(framed(value));
    }
    await to.close();
    await from.close();
  } catch (thrown) {
    const reason = SealwireError.from(thrown, "UNAVAILABLE");
    for (const each of [to, from]) await each.close(reason);
  }
}

function tooSlow(timeoutMs: number): SealwireError {
  const message = `the first frame did not come within ${timeoutMs} ms`;
  return new SealwireError("DEADLINE_EXCEEDED", message);
}
