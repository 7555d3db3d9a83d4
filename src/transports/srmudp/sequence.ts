/** Numbers of packets wrap at 2^32; all comparisons are over the shorter way round (RFC 1982). */

/** The number so many after another. */
export function after(sequence: number, count: number): number {
  return (sequence + count) >>> 0;
}

/** How far a number lies after another: negative before it, never beyond half of the circle. */
export function distance(from: number, to: number): number {
  return (to - from) | 0;
}
