/** How much flows, and how much may come at once. */
export interface TokenBucketOptions {
  readonly perSecond: number;
  /** What has gathered after a pause, and may be taken at once. */
  readonly burst: number;
}

/** A budget that fills up steadily. */
export interface TokenBucket {
  /**
   * Milliseconds until so much may be taken; 0 for now. More than the bucket holds may be taken
   * when it is full, and is then owed.
   */
  waitMs(amount: number): number;
  /** Takes so much, also what is not there: it is owed, at most one bucket. */
  take(amount: number): void;
}

/** A token bucket that begins full. `now` gives milliseconds. */
export function tokenBucket(
  { perSecond, burst }: TokenBucketOptions,
  now: () => number,
): TokenBucket {
  let tokens = burst;
  let filledMs = now();
  const fill = () => {
    const nowMs = now();
    // A clock that was set back fills nothing, and takes nothing away.
    const passedMs = Math.max(0, nowMs - filledMs);
    tokens = Math.min(burst, tokens + (passedMs * perSecond) / 1000);
    filledMs = nowMs;
  };
  return {
    waitMs(amount) {
      fill();
      const lacking = Math.min(amount, burst) - tokens;
      return lacking <= 0 ? 0 : Math.ceil((1000 * lacking) / perSecond);
    },
    take(amount) {
      fill();
      tokens = Math.max(-burst, tokens - amount);
    },
  };
}
