import type { ByteQueue } from "../bytes/byte-queue.ts";
import type { Framing } from "../core/contracts/framing.ts";
import { announcedFrames, checkAnnounced } from "./announced-frames.ts";

/** How `lengthPrefix` cuts. */
export interface LengthPrefixOptions {
  /** A frame that claims more is refused with `TOO_LARGE` before memory is taken for it. */
  readonly maxFrameBytes: number;
  /**
   * Size of the unsigned big-endian length before each frame.
   *
   * @default 4
   */
  readonly headerBytes?: 2 | 4;
}

/** Frames preceded by their length, which does not count itself. Empty frames are frames. */
export function lengthPrefix({ maxFrameBytes, headerBytes = 4 }: LengthPrefixOptions): Framing {
  const largest = 2 ** (headerBytes * 8) - 1;
  return announcedFrames(maxFrameBytes, {
    announced: (received) => announced(received, headerBytes),
    headerBytes,
    wrap(frame) {
      checkAnnounced(frame.length, largest);
      return [lengthHeader(frame.length, headerBytes), frame];
    },
  });
}

/** What the next header says, once it is there. */
function announced(received: ByteQueue, headerBytes: number): number | undefined {
  if (received.length < headerBytes) return undefined;
  let length = 0;
  for (let i = 0; i < headerBytes; i++) length = length * 256 + received.byteAt(i);
  return length;
}

function lengthHeader(length: number, headerBytes: number): Uint8Array {
  const header = new Uint8Array(headerBytes);
  let rest = length;
  for (let i = headerBytes - 1; i >= 0; i--) {
    header[i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return header;
}
