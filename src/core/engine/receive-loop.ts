import type { Session } from "../contracts/dialect.ts";
import type { Framing } from "../contracts/framing.ts";
import type { Message } from "../model/message.ts";

/** Takes one message and its share of the bytes of its frame, by which buffers are bounded. */
export type Receive = (message: Message, bytes: number) => void;

/**
 * Reads one connection to its end: bytes, frames, records, messages. Asynchronous once a chunk,
 * synchronous for each frame within it. Intake is limited by `chunks`, which may withhold the next.
 */
export async function receiveLoop(
  chunks: AsyncIterator<Uint8Array>,
  early: readonly Uint8Array[],
  framing: Framing,
  session: Session,
  receive: Receive,
): Promise<void> {
  // Frames without messages of their own (attachments) count for the messages they belong to.
  let unclaimed = 0;
  const receiveFrame = (frame: Uint8Array): void => {
    const messages = session.decode(frame);
    unclaimed += frame.length + (session.unpackedBytes ?? 0);
    if (messages.length === 0) return;
    const bytes = unclaimed / messages.length;
    unclaimed = 0;
    for (const message of messages) receive(message, bytes);
  };
  for (let frames = early; ; ) {
    try {
      for (const frame of frames) receiveFrame(frame);
    } catch (error) {
      if (!framing.refused?.(error)) throw error;
    }
    const { done, value } = await chunks.next();
    if (done) return;
    frames = framing.push(value);
  }
}
