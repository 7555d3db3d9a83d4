import type { Framing } from "../../core/contracts/framing.ts";
import { lengthPrefix } from "../../framing/length-prefix.ts";

/** On streams each frame follows its length in four bytes, highest first. */
export function nativeFraming(limits: { readonly maxFrameBytes: number }): Framing {
  return lengthPrefix({ maxFrameBytes: limits.maxFrameBytes, headerBytes: 4 });
}
