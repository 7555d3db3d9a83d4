import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { BIN } from "./program.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const NOTING = new URL("./fixtures/note-modules.mjs", import.meta.url).href;

const folder = mkdtempSync(join(tmpdir(), "sealwire-starting-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The modules that a program has loaded when it ends, without those of Node. */
async function modulesOf(name: string, args: readonly string[]): Promise<readonly string[]> {
  const notes = join(folder, name);
  await promisify(execFile)(process.execPath, ["--import", NOTING, ...args], {
    env: { ...process.env, NODE_OPTIONS: "", SEALWIRE_TEST_NOTES: notes },
    cwd: ROOT,
  });
  const urls = readFileSync(notes, "utf8").trim().split("\n");
  return [...new Set(urls)].filter((url) => url.startsWith("file:"));
}

/** What nobody needs who speaks Sealwire's own language over TCP. */
const HEAVY = new RegExp(
  [
    "dist/(gateway|peers|stun|sync)/",
    "dist/transports/(udp|srmudp|websocket)/",
    "dist/(dialects/(nacl-box|netconduit|trust-rpc|zmq-password)|transports/zeromq)/index",
    "node_modules/(ws|jiti|piscina|lmdb|udx-native|sodium-native|@noble/curves)/",
  ].join("|"),
);

describe("starting", () => {
  it('import "sealwire" loads no wire that nobody speaks yet', async () => {
    const loaded = await modulesOf("import", [
      "--input-type=module",
      "--eval",
      'import "sealwire"',
    ]);

    expect(loaded.filter((url) => HEAVY.test(url))).toEqual([]);
    expect(loaded.length).toBeGreaterThan(100);
    expect(loaded.length).toBeLessThan(330);
  });

  it("--version loads nothing but itself", async () => {
    const loaded = await modulesOf("version", [BIN, "--version"]);

    expect(loaded.filter((url) => HEAVY.test(url))).toEqual([]);
    expect(loaded.filter((url) => /dist\/(presets|client|server)\//.test(url))).toEqual([]);
    expect(loaded.length).toBeGreaterThan(5);
    expect(loaded.length).toBeLessThan(40);
  });

  it("a command loads what it needs and not what others need", async () => {
    const loaded = await modulesOf("keygen", [BIN, "keygen"]);

    expect(loaded.filter((url) => HEAVY.test(url))).toEqual([]);
    expect(loaded.some((url) => url.includes("dist/crypto/"))).toBe(true);
    expect(loaded.some((url) => url.includes("dist/presets/"))).toBe(false);
  });
});
