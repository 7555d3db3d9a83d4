import { mkdir, open, readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { SealwireError } from "../../core/model/errors.ts";
import { codeOf, storeError } from "./store-error.ts";

/** A folder that one process has to itself. */
export interface FolderOwner {
  /** The folder cannot be written: what is there can be read. */
  readonly readOnly: boolean;
  release(): Promise<void>;
}

/** Tries when others take and leave the folder at the same time. */
const MAX_TRIES = 5;

/**
 * Takes a folder, and makes it if it is not there. One that was left by a process which was killed
 * is taken over.
 *
 * @throws `UNAVAILABLE` when another process has it, or when it can be neither read nor made
 */
export async function ownFolder(folder: string): Promise<FolderOwner> {
  const path = join(folder, "owner");
  try {
    await makeFolder(folder);
    await take(folder, path);
    return { readOnly: false, release: () => rm(path, { force: true }) };
  } catch (cause) {
    if (cause instanceof SealwireError) throw cause;
    if (!READ_ONLY.has(codeOf(cause))) throw storeError(`cannot use the folder ${folder}`, cause);
    return { readOnly: true, release: async () => {} };
  }
}

const READ_ONLY: ReadonlySet<string> = new Set(["EROFS", "EACCES", "EPERM"]);

/** Not by `recursive`: Node 20 tries for ever where a folder can hold no other, such as /proc. */
async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch (error) {
    if (codeOf(error) === "EEXIST") return;
    const above = dirname(folder);
    if (codeOf(error) !== "ENOENT" || above === folder) throw error;
    await makeFolder(above);
    await mkdir(folder, { mode: 0o700 }).catch(unlessThere);
  }
}

/** Another process may make the same folder. */
function unlessThere(error: unknown): void {
  if (codeOf(error) !== "EEXIST") throw error;
}

async function take(folder: string, path: string): Promise<void> {
  const mine = `${process.pid} ${(await startOf(process.pid)) ?? ""}`.trim();
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    if (await tryToWrite(path, mine)) return;
    const theirs = await readFile(path, "utf8").catch(() => "");
    if (await isAlive(theirs)) throw taken(folder, path, theirs);
    await rm(path, { force: true });
  }
  throw taken(folder, path, "unknown");
}

async function tryToWrite(path: string, text: string): Promise<boolean> {
  try {
    const file = await open(path, "wx", 0o600);
    await file.writeFile(text);
    await file.close();
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}

/** A number of a process alone says little: it is given again, and in containers it is always 1. */
async function isAlive(owner: string): Promise<boolean> {
  const [pid = "", ...start] = owner.split(" ");
  if (!/^\d+$/.test(pid)) return false;
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
  const startsNow = await startOf(Number(pid));
  return startsNow === undefined || start.length === 0 || start.join(" ") === startsNow;
}

/** When a process began, in the words of Linux; elsewhere unknown. */
async function startOf(pid: number): Promise<string | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    const boot = await readFile("/proc/sys/kernel/random/boot_id", "utf8");
    // Behind the name of the program, which may hold blanks and brackets, begins field 3.
    const ticks = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
    return `${ticks} ${boot.trim()}`;
  } catch {
    return undefined;
  }
}

function taken(folder: string, path: string, owner: string): SealwireError {
  const [pid] = owner.split(" ");
  const message = `the folder ${folder} is in use by process ${pid}: a store has one process`;
  return new SealwireError("UNAVAILABLE", `${message}; if there is none, delete ${path}`);
}
