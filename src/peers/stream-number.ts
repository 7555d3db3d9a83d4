import { randomBytes } from "../crypto/random.ts";

/** A number for a stream that nobody guesses, from 1 to 2^32 - 1. */
export function streamNumber(): number {
  return new DataView(randomBytes(4).buffer).getUint32(0) || 1;
}
