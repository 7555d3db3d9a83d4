import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const run = promisify(execFile);
const NATLAB = fileURLToPath(new URL("../../tools/natlab", import.meta.url));
const CLASSIFY = fileURLToPath(new URL("../../stun/classify.ts", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "sealwire-stun-"));
const script = join(folder, "classify.mjs");

const natlab = (...args: readonly string[]) =>
  run("python3", [NATLAB, "--prefix", "swstun", ...args], { timeout: 60_000 });

/** Why the laboratory cannot be had here; `undefined` when it is up. */
const missing = await natlab("up", "--a", "open", "--b", "open").then(
  () => undefined,
  (error: Error & { readonly stderr?: string }) => error.stderr?.trim() || error.message,
);
if (missing !== undefined) console.warn(`the NAT laboratory is skipped: ${missing}`);

/** What host a finds out about its router. */
async function classified(mode: string, ...servers: readonly string[]): Promise<unknown> {
  await natlab("nat", "a", mode);
  const command = [process.execPath, script, ...servers];
  const { stdout } = await natlab("exec", "a", "--", ...command);
  return JSON.parse(stdout);
}

const EXPECTED = [
  ["open", "none", "endpoint-independent"],
  ["firewall", "none", "address-and-port-dependent"],
  ["full-cone", "endpoint-independent", "endpoint-independent"],
  ["restricted", "endpoint-independent", "address-dependent"],
  ["port-restricted", "endpoint-independent", "address-and-port-dependent"],
  ["symmetric", "address-and-port-dependent", "address-and-port-dependent"],
  ["symmetric-addr", "address-dependent", "address-and-port-dependent"],
] as const;

describe.skipIf(missing !== undefined)("behind the routers of the NAT laboratory", () => {
  beforeAll(() =>
    build({
      entryPoints: [CLASSIFY],
      outfile: script,
      bundle: true,
      platform: "node",
      format: "esm",
    }),
  );

  afterAll(async () => {
    await natlab("down");
    rmSync(folder, { recursive: true });
  });

  test.each(EXPECTED)("%s: mapping %s, filtering %s", async (mode, mapping, filtering) => {
    const found = await classified(mode, "198.51.100.1");
    expect(found).toMatchObject({ udp: true, mapping, filtering });
  });

  test("blocked: no UDP at all", async () => {
    const found = await classified("blocked", "198.51.100.1", "198.51.100.2");
    expect(found).toMatchObject({ udp: false, mapping: "unknown" });
  });
});
