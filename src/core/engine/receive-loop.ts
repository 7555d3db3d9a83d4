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
  for (const frame of early) receiveFrame(frame, session, receive);
  for (;;) {
    const { done, value } = await chunks.next();
    if (done) return;
    for (const frame of framing.push(value)) receiveFrame(frame, session, receive);
  }
}

function receiveFrame(frame: Uint8Array, session: Session, receive: Receive): void {
  const messages = session.decode(frame);
  const bytes = frame.length / messages.length;
  for (const message of messages) receive(message, bytes);
}
