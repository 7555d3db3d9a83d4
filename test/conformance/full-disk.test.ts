import { execFile } from "node:child_process";
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
