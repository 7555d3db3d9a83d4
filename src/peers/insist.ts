import type { Clock } from "../core/contracts/clock.ts";

/** Something that may be lost, and how often it is said. */
export interface Insisting {
  readonly clock: Clock;
  readonly say: () => void;
  /** The pauses between; it is said once more than there are. */
  readonly pausesMs: readonly number[];
  /** The last pause holds for all that follow. @default false */
  readonly endless?: boolean;
  /** Whether nobody needs to hear it any more. */
  readonly isOver?: () => boolean;
}

/** Says the same at once and after each pause. Gives what ends it. */
export function insist(insisting: Insisting): () => void {
  const { clock, say, pausesMs, endless = false, isOver = () => false } = insisting;
  let cancel = () => {};
  const go = (attempt: number) => {
    if (isOver()) return;
    say();
    const pauseMs = pausesMs[attempt] ?? (endless ? pausesMs.at(-1) : undefined);
    if (pauseMs !== undefined) cancel = clock.after(pauseMs, () => go(attempt + 1));
  };
  go(0);
  return () => cancel();
}
