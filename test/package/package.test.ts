import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { nodeBinaries } from "../nodes.ts";
import { type Entry, entriesOf } from "./entries.ts";
import { type Consumer, installPacked, readManifest, root, runToEnd } from "./packed.ts";

let consumer: Consumer;
let entries: readonly Entry[];

beforeAll(async () => {
  consumer = await installPacked();
  entries = await entriesOf(consumer);
});
afterAll(() => consumer?.close());

describe("the tarball", () => {
  it("holds what users need and nothing of the workshop", () => {
    const needed = ["README.md", "LICENSE", "CHANGELOG.md", "SECURITY.md", "bin/sealwire.js"];
    expect(needed.filter((file) => !consumer.files.includes(file))).toEqual([]);
    const workshop = /^(src|test|scripts|bench|examples|\.)|\.test\./;
    expect(consumer.files.filter((file) => workshop.test(file))).toEqual([]);
  });

  it("passes publint", async () => {
    const bytes = await readFile(consumer.tarball);
    const tarball = new Uint8Array(bytes).buffer;
    const { messages, pkg } = await publint({ pack: { tarball }, strict: true });
    const serious = messages.filter(({ type }) => type !== "suggestion");
    expect(serious.map((message) => formatMessage(message, pkg ?? {}))).toEqual([]);
  });

  it("has types that are right wherever ES modules are", async () => {
    const attw = join(root, "node_modules/@arethetypeswrong/cli/dist/index.js");
    const names = [...new Set(entries.map(({ specifier }) => specifier.replace("sealwire", ".")))];
    const args = [consumer.tarball, "--profile", "esm-only", "--format", "ascii", "--no-emoji"];
    const all = [attw, ...args, "--no-color", "--entrypoints", ...names];
    const { code, stdout } = await runToEnd(process.execPath, all, { cwd: consumer.folder });
    expect(code, stdout).toBe(0);
  });
});

describe.each(nodeBinaries())("each export on $name", ({ path }) => {
  it("loads with nothing but the dependencies, or says which peer to install", async () => {
    const { peerDependencies } = await readManifest();
    const failures = await loadAll(path);
    const unexplained = failures.filter(
      (failure) => !Object.keys(peerDependencies).some((peer) => failure.message.includes(peer)),
    );
    expect(unexplained).toEqual([]);
  });
});

describe("with the optional peers installed", () => {
  beforeAll(() => consumer.addPeers());

  it.each(nodeBinaries())("every export loads on $name", async ({ path }) => {
    expect(await loadAll(path)).toEqual([]);
  });

  it("every browser export bundles without anything of Node", async () => {
    const browser = entries.filter(({ condition }) => condition === "browser");
    expect(browser.length).toBeGreaterThan(0);
    // Named, because a bare import of a package without side effects is dropped unread.
    const source = browser
      .map(({ specifier }, at) => `export * as entry${at} from "${specifier}";`)
      .join("\n");
    const { errors } = await build({
      stdin: { contents: source, resolveDir: consumer.folder },
      bundle: true,
      write: false,
      platform: "browser",
      format: "esm",
      outdir: "out",
      splitting: true,
      logLevel: "silent",
    });
    expect(errors).toEqual([]);
  });
});

/** Imports every entry in a process of its own and tells which failed, with their messages. */
async function loadAll(
  node: string,
): Promise<readonly { readonly specifier: string; readonly message: string }[]> {
  const names = entries.filter(({ condition }) => condition === "default");
  const program = `
    const failures = [];
    for (const specifier of ${JSON.stringify(names.map(({ specifier }) => specifier))}) {
      try { await import(specifier); } catch (error) {
        failures.push({ specifier, message: error.message });
      }
    }
    console.log(JSON.stringify(failures));
    process.exit(0);`;
  const args = ["--input-type=module", "--eval", program];
  const { code, stdout, stderr } = await runToEnd(node, args, { cwd: consumer.folder });
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout);
}
