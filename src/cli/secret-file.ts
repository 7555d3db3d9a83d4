import { chmod, link, mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { systemCode } from "../core/engine/system-errors.ts";
import { SealwireError } from "../core/model/errors.ts";
import { misused } from "./failures.ts";
import { fileReason } from "./file-reason.ts";
import type { Shell } from "./shell.ts";

/** No key and no list of certificates is longer. */
const MAX_SECRET_FILE_BYTES = 1_048_576;

/**
 * The text of a file that holds a secret, without the line's end; warns when others may read it.
 *
 * @throws `INVALID_ARGUMENT`, naming the option and the file, when it cannot be read
 */
export async function readSecretFile(shell: Shell, option: string, path: string): Promise<string> {
  const text = await readSmall(option, path);
  if (((await stat(path)).mode & 0o077) !== 0) {
    shell.note(`warning: others on this machine may read ${path}; type: chmod 600 ${path}`);
  }
  return text.trim();
}

/**
 * The text of a file that a command wants, whatever is in it.
 *
 * @throws `INVALID_ARGUMENT`, naming the option and the file, when it cannot be read
 */
export async function readSmall(option: string, path: string): Promise<string> {
  try {
    if ((await stat(path)).size > MAX_SECRET_FILE_BYTES) throw new Error("it is over 1 MiB");
    return await readFile(path, "utf8");
  } catch (error) {
    throw misused(`cannot read the file of ${option}, ${path}: ${fileReason(error)}`);
  }
}

/**
 * Writes a secret into a new file that its owner alone can read.
 *
 * @throws `ALREADY_EXISTS` instead of overwriting a secret, `UNAVAILABLE` when nothing can be
 * written there
 */
export async function writeSecretFile(path: string, secret: string): Promise<void> {
  const beside = `${path}.${process.pid}.new`;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeFile(beside, `${secret}\n`, { mode: 0o600, flag: "wx" });
    await chmod(beside, 0o600);
    // A link appears whole or not at all, and never in the place of another file.
    await link(beside, path);
  } catch (error) {
    if (systemCode(error) === "EEXIST") {
      const message = `${path} exists already and is not overwritten; choose another name`;
      throw new SealwireError("ALREADY_EXISTS", message, { cause: error });
    }
    throw new SealwireError("UNAVAILABLE", `cannot write ${path}: ${fileReason(error)}`);
  } finally {
    await rm(beside, { force: true }).catch(() => {});
  }
}
