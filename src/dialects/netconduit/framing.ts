import { ByteQueue } from "../../bytes/byte-queue.ts";
import type { Framing } from "../../core/contracts/framing.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { HEADER_BYTES, malformed, parseHeader, recognizesMagic } from "./frame.ts";

/** Frames with their headers: the length of the content stands in the header. */
export function netconduitFraming(limits: { readonly maxFrameBytes: number }): Framing {
  const received = new ByteQueue();
  const framing: Framing = {
    maxFrameBytes: limits.maxFrameBytes,
    push(chunk) {
      received.push(chunk);
      const frames: Uint8Array[] = [];
      for (;;) {
        const length = announced(received);
        if (length === undefined) return frames;
        // The frames before it may be the end of a greeting, after which more is allowed: it is
        // judged when they have been taken, at the next push.
        if (length > framing.maxFrameBytes && frames.length > 0) return frames;
        checkSize(length, framing.maxFrameBytes);
        if (received.length < length) return frames;
        frames.push(received.take(length));
      }
    },
    wrap: (frame) => [frame],
  };
  return framing;
}

/** How long the next frame is, once its header is there. What begins no frame is refused at once. */
function announced(received: ByteQueue): number | undefined {
  const { length } = received;
  if (length >= HEADER_BYTES)
    return HEADER_BYTES + parseHeader(received.peek(HEADER_BYTES)).contentBytes;
  if (recognizesMagic(received.peek(Math.min(length, 4))) !== false) return undefined;
  throw malformed("bytes that begin no frame");
}

function checkSize(length: number, maxFrameBytes: number): void {
  if (length <= maxFrameBytes) return;
  throw new SealwireError(
    "TOO_LARGE",
    `a frame of ${length} bytes was announced, at most ${maxFrameBytes} are allowed here; ` +
      "send less at once or raise maxFrameBytes",
  );
}
