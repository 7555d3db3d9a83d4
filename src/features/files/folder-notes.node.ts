import { constants, type Stats } from "node:fs";
import { lstat, open, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { isFields } from "../../core/engine/fields.ts";
import type { WantedRoom } from "./store-room.ts";

/** What stands beside a draft that may be left for another try. */
export interface DraftNote {
  readonly wanted: WantedRoom;
  /** All bytes before this one are written. */
  readonly bytes: number;
}

/** A draft that no one writes, as it was found in a folder. */
export interface FoundDraft {
  readonly key: string;
  /** Absent where nobody can go on with it. */
  readonly note: DraftNote | undefined;
  readonly changedMs: number;
}

/** The hidden file in which a content is gathered. */
export function draftPath(folder: string, key: string): string {
  return join(folder, `.${key}.part`);
}

/** Writes how far a draft has come. Each note of one draft has the same length, so none is torn. */
export async function writeNote(folder: string, key: string, note: DraftNote): Promise<void> {
  const { O_WRONLY, O_CREAT, O_NOFOLLOW = 0 } = constants;
  const { owner, name, size } = note.wanted;
  const bytes = String(note.bytes).padStart(BYTES_DIGITS, "0");
  const file = await open(notePath(folder, key), O_WRONLY | O_CREAT | O_NOFOLLOW, 0o600);
  try {
    await file.write(`${JSON.stringify({ owner, name, size, bytes })}\n`, 0);
  } finally {
    await file.close();
  }
}

/** Removes a draft and its note. */
export async function removeDraft(folder: string, key: string): Promise<void> {
  await rm(draftPath(folder, key), { force: true });
  await rm(notePath(folder, key), { force: true });
}

/** All drafts in a folder, the oldest first. */
export async function findDrafts(folder: string): Promise<readonly FoundDraft[]> {
  const found: FoundDraft[] = [];
  for (const name of await readdir(folder)) {
    const key = DRAFT.exec(name)?.[1];
    if (key === undefined) continue;
    // Another program may end its own draft in this moment.
    const stats = await lstat(join(folder, name)).catch(() => undefined);
    if (!stats?.isFile()) continue;
    found.push({ key, note: await readNote(folder, key, stats), changedMs: stats.mtimeMs });
  }
  return found.sort((a, b) => a.changedMs - b.changedMs);
}

const DRAFT = /^\.([0-9a-f]{32})\.part$/;
/** As many as the largest whole number has. */
const BYTES_DIGITS = 16;
const MAX_NOTE_BYTES = 65_536;

function notePath(folder: string, key: string): string {
  return join(folder, `.${key}.note`);
}

async function readNote(folder: string, key: string, part: Stats): Promise<DraftNote | undefined> {
  const path = notePath(folder, key);
  try {
    const stats = await lstat(path);
    if (!stats.isFile() || stats.size > MAX_NOTE_BYTES) return undefined;
    return noteFrom(JSON.parse(await readFile(path, "utf8")), part.size);
  } catch {
    // Without a note nobody knows what the draft is: it runs out.
    return undefined;
  }
}

function noteFrom(read: unknown, partBytes: number): DraftNote | undefined {
  if (!isFields(read)) return undefined;
  const { owner, name, size, bytes } = read;
  if (typeof owner !== "string" || typeof name !== "string") return undefined;
  if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 0) return undefined;
  const reached = Number(bytes);
  if (!Number.isSafeInteger(reached) || reached < 0) return undefined;
  return { wanted: { owner, name, size }, bytes: Math.min(reached, partBytes, size) };
}
