import type { Framing } from "../core/contracts/framing.ts";
import { SealwireError } from "../core/model/errors.ts";

/** How much `whole` lets through. */
export interface WholeOptions {
  /** A larger chunk is refused with `TOO_LARGE`. */
  readonly maxFrameBytes: number;
}

/** For channels that keep boundaries: each chunk is a frame already. */
export function whole({ maxFrameBytes }: WholeOptions): Framing {
  const framing: Framing = {
    maxFrameBytes,
    push(chunk) {
      if (chunk.length <= framing.maxFrameBytes) return [chunk];
      throw new SealwireError(
        "TOO_LARGE",
        `a frame of ${chunk.length} bytes arrived, at most ${framing.maxFrameBytes} are allowed ` +
          "here; send less at once or raise maxFrameBytes",
      );
    },
    wrap: (frame) => [frame],
  };
  return framing;
}
