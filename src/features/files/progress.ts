/** How far a transfer has come. */
export interface Progress {
  readonly name: string;
  readonly bytes: number;
  readonly totalBytes: number;
  /** Of these bytes so many were there before, of an earlier try. */
  readonly resumedBytes: number;
  /** 0 to 100. */
  readonly percent: number;
  /** On average since the beginning of this try; 0 as long as nothing can be said. */
  readonly bytesPerSecond: number;
  /** What is left at that speed, in milliseconds; `undefined` as long as nothing can be said. */
  readonly etaMs: number | undefined;
}

/** Measures one transfer: each call tells how far it is after so many bytes. */
export function progressOf(
  file: Pick<Progress, "name" | "totalBytes" | "resumedBytes">,
  now: () => number,
): (bytes: number) => Progress {
  const { totalBytes, resumedBytes } = file;
  const beganMs = now();
  return (bytes) => {
    const bytesPerSecond = speed(bytes - resumedBytes, now() - beganMs);
    const left = totalBytes - bytes;
    return {
      ...file,
      bytes,
      percent: totalBytes === 0 ? 100 : (100 * bytes) / totalBytes,
      bytesPerSecond,
      etaMs: bytesPerSecond === 0 ? undefined : Math.round((1000 * left) / bytesPerSecond),
    };
  };
}

function speed(bytes: number, elapsedMs: number): number {
  return elapsedMs <= 0 ? 0 : (1000 * bytes) / elapsedMs;
}
