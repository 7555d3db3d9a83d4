import { unwatchFile, watchFile as watchStat } from "node:fs";

/**
 * Calls `changed` when a file was written, replaced or removed, until the returned function is
 * called or the signal aborts; never when `pollMs` is 0. It looks at the file from time to time:
 * notices of the system are lost on network drives and when a file is replaced by another.
 */
export function watchFile(
  path: string,
  pollMs: number,
  signal: AbortSignal | undefined,
  changed: () => void,
): () => void {
  if (pollMs === 0 || signal?.aborted) return () => {};
  const look = () => changed();
  const stop = () => unwatchFile(path, look);
  watchStat(path, { persistent: false, interval: pollMs }, look);
  signal?.addEventListener("abort", stop, { once: true });
  return stop;
}
