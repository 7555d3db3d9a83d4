import { ByteQueue } from "../bytes/byte-queue.ts";
import type { Framing } from "../core/contracts/framing.ts";
import { SealwireError } from "../core/model/errors.ts";

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
  const received = new ByteQueue();
  const largest = 2 ** (headerBytes * 8) - 1;
  const framing: Framing = {
    maxFrameBytes,
    push(chunk) {
      received.push(chunk);
      const frames: Uint8Array[] = [];
      for (;;) {
        const length = announced(received, headerBytes);
        if (length === undefined) return frames;
        // The frames before it may be the end of a greeting, after which more is allowed: it is
        // judged when they have been taken, at the next push.
        if (length > framing.maxFrameBytes && frames.length > 0) return frames;
        checkSize(length, framing.maxFrameBytes);
        if (received.length < headerBytes + length) return frames;
        received.skip(headerBytes);
        frames.push(received.take(length));
      }
    },
    wrap(frame) {
      checkSize(frame.length, largest);
      return [lengthHeader(frame.length, headerBytes), frame];
    },
  };
  return framing;
}

/** What the next header says, once it is there. */
function announced(received: ByteQueue, headerBytes: number): number | undefined {
  if (received.length < headerBytes) return undefined;
  let length = 0;
  for (let i = 0; i < headerBytes; i++) length = length * 256 + received.byteAt(i);
  return length;
}

function checkSize(length: number, maxFrameBytes: number): void {
  if (length <= maxFrameBytes) return;
  throw new SealwireError(
    "TOO_LARGE",
    `a frame of ${length} bytes was announced, at most ${maxFrameBytes} are allowed here; ` +
      "send less at once or raise maxFrameBytes",
  );
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
