import { unwatchFile, watchFile as watchStat } from "node:fs";

/**
 * Calls `changed` when a file was written, replaced or removed. It looks at the file from time to
 * time: notices of the system are lost on network drives and when a file is replaced by another.
 */
export function watchFile(
  path: string,
  pollMs: number,
  signal: AbortSignal | undefined,
  changed: () => void,
): void {
  if (signal?.aborted) return;
  const look = () => changed();
  watchStat(path, { persistent: false, interval: pollMs }, look);
  signal?.addEventListener("abort", () => unwatchFile(path, look), { once: true });
}
