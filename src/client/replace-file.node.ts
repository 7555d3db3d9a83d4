import { type FileHandle, mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { systemCode, systemReason } from "../core/engine/system-errors.ts";
import { SealwireError } from "../core/model/errors.ts";

/** How long another program may hold the file before it counts as gone. */
const STALE_MS = 5_000;
/** Between two looks at whether the other program is done. */
const PAUSE_MS = 20;
/** So many looks, then it is refused: longer than a lock becomes stale. */
const MAX_TRIES = 300;

/**
 * A whole text file; `undefined` when there is none.
 *
 * @throws `TOO_LARGE` above the limit, `UNAVAILABLE` when it cannot be read
 */
export async function readWhole(path: string, maxBytes: number): Promise<string | undefined> {
  try {
    const { size } = await stat(path);
    if (size <= maxBytes) return await readFile(path, "utf8");
  } catch (cause) {
    if (systemCode(cause) === "ENOENT") return undefined;
    throw new SealwireError("UNAVAILABLE", `cannot read ${path} (${systemReason(cause)})`, {
      cause,
    });
  }
  throw new SealwireError("TOO_LARGE", `${path} has more than ${maxBytes} bytes`);
}

/**
 * Writes a file for its owner alone, and its folder if there is none. A reader sees the old text
 * or the new one; of several writers each waits for the one before.
 *
 * @throws `CONFLICT` when others keep it busy, `UNAVAILABLE` when it cannot be written
 */
export async function replaceFile(path: string, make: () => Promise<string>): Promise<void> {
  const beside = `${path}.new`;
  const file = await openAlone(path, beside);
  try {
    await file.writeFile(await make());
    await file.sync();
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}

/** The file written beside is the lock as well. */
async function openAlone(path: string, beside: string): Promise<FileHandle> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const file = await openNew(beside);
      if (file) return file;
      if (await isStale(beside)) await rm(beside, { force: true });
      else await pause(PAUSE_MS);
    }
  } catch (cause) {
    throw new SealwireError("UNAVAILABLE", `cannot write ${path} (${systemReason(cause)})`, {
      cause,
    });
  }
  throw new SealwireError(
    "CONFLICT",
    `another program is changing ${path}; try again, or delete ${beside} if none is`,
  );
}

async function openNew(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, "wx", 0o600);
  } catch (error) {
    if (systemCode(error) === "EEXIST") return undefined;
    throw error;
  }
}

/** Whoever held it has died in between. */
async function isStale(beside: string): Promise<boolean> {
  try {
    return Date.now() - (await stat(beside)).mtimeMs > STALE_MS;
  } catch {
    return false;
  }
}
