/** How much a new measurement counts, so that one slow answer does not send all calls elsewhere. */
const WEIGHT = 0.3;

/** An average that follows the measurements of late. */
export function smoothed(before: number | undefined, ms: number): number {
  return before === undefined ? ms : before + WEIGHT * (ms - before);
}
