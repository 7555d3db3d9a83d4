import type { Framing } from "../contracts/framing.ts";
import { SealwireError } from "../model/errors.ts";

/** The framing of channels that keep boundaries: a chunk is a frame. */
export function wholeFrames(maxFrameBytes: number): Framing {
  return {
    maxFrameBytes,
    push(chunk) {
      if (chunk.length > this.maxFrameBytes) throw tooLarge(chunk.length, this.maxFrameBytes);
      return [chunk];
    },
    wrap: (frame) => [frame],
  };
}

function tooLarge(bytes: number, limit: number): SealwireError {
  return new SealwireError("TOO_LARGE", `a frame of ${bytes} bytes; at most ${limit} are taken`);
}
