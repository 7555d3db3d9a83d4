import { execFile, spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** So many blocks of 1,024 bytes may a file of the child have. */
const MAX_BLOCKS = 1_500;

it.each(["lmdb", "log"])(
  "refuses what %s has no room for, shows what is kept, and goes on",
  async (kind) => {
    const folder = await mkdtemp(join(tmpdir(), "sealwire-full-"));
    const line = `ulimit -f ${MAX_BLOCKS}; exec node scripts/run.js test/state/full-disk.ts ${kind} ${folder}`;
    const { stdout } = await promisify(execFile)("bash", ["-c", line], { cwd: ROOT });
    await rm(folder, { recursive: true, force: true });
    const said: unknown = JSON.parse(stdout);
    expect(said).toMatchObject({
      codes: ["UNAVAILABLE", "UNAVAILABLE", "UNAVAILABLE"],
      message: expect.stringMatching(/the disk|the file may not grow/),
      small: "kept",
      after: 1,
    });
    expect(Object(said).kept).toBeGreaterThan(5);
    expect(Object(said).visible).toBe(Object(said).kept);
  },
  60_000,
);

/** Two megabytes that are a file system of their own, in a namespace that ends with the program. */
const SMALL_DISK = "mount -t tmpfs -o size=2m none $0 && exec node scripts/run.js";
const apart = ["-Urm", "sh", "-c"];
const missing = spawnSync("unshare", [...apart, "mount -t tmpfs none /mnt"]).status !== 0;
if (missing) console.warn("a full folder of files is not tested: this machine lets nobody mount");

it.skipIf(missing)(
  "takes no file for which there is no room, and leaves nothing of it",
  async () => {
    const folder = await mkdtemp(join(tmpdir(), "sealwire-full-"));
    const line = `${SMALL_DISK} test/features/full-folder.ts $0`;
    const run = promisify(execFile)("unshare", [...apart, line, folder], { cwd: ROOT });
    const said: unknown = JSON.parse((await run).stdout);
    await rm(folder, { recursive: true, force: true });
    expect(said).toEqual({
      full: { code: "TOO_LARGE", message: expect.stringMatching(/^no room is left .*ENOSPC/) },
      afterFull: [],
      small: "small",
      readOnly: { code: "UNAVAILABLE", message: expect.stringMatching(/EROFS.*read-only/) },
      kept: 1_000_000,
      there: [".owners", "small"],
    });
  },
  60_000,
);
