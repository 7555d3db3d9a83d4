/** One compare-and-set as its caller saw it. */
export interface Attempt {
  readonly began: number;
  readonly ended: number;
  readonly expected: number;
  /** The version it made, or the one it met instead. */
  readonly outcome: { readonly made: number } | { readonly met: number };
}

/**
 * Whether a history of one variable could have happened one after the other, each within the time
 * in which its caller waited. Versions count up by one, so the order of those that won is known: it
 * is only to be seen that no caller was told of what had not begun, or missed what was over.
 */
export function flawsOf(history: readonly Attempt[]): readonly string[] {
  const flaws: string[] = [];
  const wins = new Map<number, Attempt>();
  for (const attempt of history) {
    if (!("made" in attempt.outcome)) continue;
    const { made } = attempt.outcome;
    if (made !== attempt.expected + 1) flaws.push(`made ${made} of ${attempt.expected}`);
    if (wins.has(made)) flaws.push(`two made ${made}`);
    wins.set(made, attempt);
  }
  for (let version = 1; version <= wins.size; version++) {
    if (!wins.has(version)) flaws.push(`nobody made ${version} of ${wins.size}`);
  }
  for (const attempt of history) flaws.push(...flawsInTime(attempt, wins));
  return flaws;
}

function flawsInTime(attempt: Attempt, wins: ReadonlyMap<number, Attempt>): readonly string[] {
  const flaws: string[] = [];
  const seen = "made" in attempt.outcome ? attempt.outcome.made - 1 : attempt.outcome.met;
  const made = wins.get(seen);
  if (seen > 0 && !made) flaws.push(`saw ${seen}, which nobody made`);
  if (made && made.began > attempt.ended) flaws.push(`saw ${seen} before it was begun`);
  const next = wins.get(seen + 1);
  if (next && next !== attempt && next.ended < attempt.began) {
    flaws.push(`saw ${seen} when ${seen + 1} was over`);
  }
  return flaws;
}
