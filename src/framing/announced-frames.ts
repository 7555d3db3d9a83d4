import { ByteQueue } from "../bytes/byte-queue.ts";
import type { Framing } from "../core/contracts/framing.ts";
import { SealwireError } from "../core/model/errors.ts";

/** How the length of a frame is found. */
export interface Announcement {
  /** How long the next frame is, once that can be told. */
  announced(received: ByteQueue): number | undefined;
  /** Bytes in front of a frame that do not count and are not kept. */
  readonly headerBytes: number;
  readonly wrap: Framing["wrap"];
}

/** Frames that say how long they are before they come: more than allowed is refused at once. */
export function announcedFrames(
  maxFrameBytes: number,
  { announced, headerBytes, wrap }: Announcement,
): Framing {
  const received = new ByteQueue();
  const framing: Framing = {
    maxFrameBytes,
    push(chunk) {
      received.push(chunk);
      const frames: Uint8Array[] = [];
      for (;;) {
        const length = announced(received);
        if (length === undefined) return frames;
        // The frames before it may be the end of a greeting, after which more is allowed: it is
        // judged when they have been taken, at the next push.
        if (length > framing.maxFrameBytes && frames.length > 0) return frames;
        checkAnnounced(length, framing.maxFrameBytes);
        if (received.length < headerBytes + length) return frames;
        received.skip(headerBytes);
        frames.push(received.take(length));
      }
    },
    wrap,
  };
  return framing;
}

/** @throws `TOO_LARGE` for a frame beyond the limit */
export function checkAnnounced(length: number, maxFrameBytes: number): void {
  if (length <= maxFrameBytes) return;
  throw new SealwireError(
    "TOO_LARGE",
    `a frame of ${length} bytes was announced, at most ${maxFrameBytes} are allowed here; ` +
      "send less at once or raise maxFrameBytes",
  );
}
