import { execFile, execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** What gives a process mounts of its own; without being root inside a user namespace. */
const UNSHARE = process.getuid?.() === 0 ? ["unshare", "-m"] : ["unshare", "-rm"];

function canUnshare(): boolean {
  try {
    const [command = "", ...args] = UNSHARE;
    execFileSync(command, [...args, "true"], { stdio: "ignore" });
    return true;
  } catch {
    console.warn(`skipped: ${UNSHARE.join(" ")} is not allowed here, or not there`);
    return false;
  }
}

it.skipIf(!canUnshare()).each(["lmdb", "log"])(
  "reads %s where it cannot be written, says so, and writes as soon as it can",
  async (kind) => {
    const folder = await mkdtemp(join(tmpdir(), "sealwire-read-only-"));
    const program = ["node", "scripts/run.js", "test/state/read-only.ts", kind, folder];
    const [command = "", ...args] = [...UNSHARE, ...program];
    const { stdout } = await promisify(execFile)(command, args, { cwd: ROOT });
    await rm(folder, { recursive: true, force: true });
    expect(JSON.parse(stdout)).toEqual({
      readOnly: {
        reads: 1,
        keptIn: `${kind} in ${folder} (read-only)`,
        refused: {
          code: "UNAVAILABLE",
          message: expect.stringContaining("nothing is written until it can be written again"),
        },
      },
      writable: { version: 2, keptIn: `${kind} in ${folder}` },
      after: 3,
    });
  },
  60_000,
);
