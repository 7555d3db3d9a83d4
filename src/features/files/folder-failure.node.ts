import { systemCode } from "../../core/engine/system-errors.ts";
import { SealwireError } from "../../core/model/errors.ts";

/** Runs what writes into a folder, and says clearly why the system would not have it. */
export async function inFolder<Result>(write: () => Promise<Result>): Promise<Result> {
  try {
    return await write();
  } catch (thrown) {
    throw folderFailure(thrown);
  }
}

const FULL: ReadonlySet<string> = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);
const CLOSED: ReadonlySet<string> = new Set(["EROFS", "EACCES", "EPERM"]);

/** Without a path: the text travels to whoever uploads. */
function folderFailure(cause: unknown): unknown {
  const code = systemCode(cause) ?? "";
  if (FULL.has(code)) {
    const message = `no room is left where files are written (${code}): make room there first`;
    return new SealwireError("TOO_LARGE", message, { cause });
  }
  if (!CLOSED.has(code)) return cause;
  const message = `files cannot be written (${code}): the folder of the store is read-only here`;
  return new SealwireError("UNAVAILABLE", message, { cause });
}
