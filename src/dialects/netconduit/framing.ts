import type { ByteQueue } from "../../bytes/byte-queue.ts";
import type { Framing } from "../../core/contracts/framing.ts";
import { announcedFrames } from "../../framing/announced-frames.ts";
import { HEADER_BYTES, malformed, parseHeader, recognizesMagic } from "./frame.ts";

/** Frames with their headers: the length of the content stands in the header. */
export function netconduitFraming(limits: { readonly maxFrameBytes: number }): Framing {
  return announcedFrames(limits.maxFrameBytes, {
    announced,
    // The header belongs to the frame.
    headerBytes: 0,
    wrap: (frame) => [frame],
  });
}

/** How long the next frame is, once its header is there. What begins no frame is refused at once. */
function announced(received: ByteQueue): number | undefined {
  const { length } = received;
  if (length >= HEADER_BYTES)
    return HEADER_BYTES + parseHeader(received.peek(HEADER_BYTES)).contentBytes;
  if (recognizesMagic(received.peek(Math.min(length, 4))) !== false) return undefined;
  throw malformed("bytes that begin no frame");
}
