import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { afterEach, beforeEach, expect, it } from "vitest";
import { recordingShell } from "../../../test/cli/recording-shell.ts";
import { bearerTokens } from "../../auth/index.ts";
import { files, folderStore } from "../../features/files/index.ts";
import { createServer, type NodeServer } from "../../presets/node.ts";
import { getCommand } from "./get.ts";
import { lsCommand } from "./ls.ts";
import { putCommand } from "./put.ts";

let server: NodeServer;
let pin: string;
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sealwire-files-"));
  server = createServer({ authenticator: bearerTokens({ "a token of this test": "ann" }) });
  server.install(files({ store: folderStore({ folder: join(folder, "kept") }) }));
  await server.listen("tcp://127.0.0.1:0");
  pin = await server.fingerprint();
});
afterEach(async () => {
  await server.close({ drainMs: 0 });
  await rm(folder, { recursive: true, force: true });
});

/** Runs `sealwire`, with the address of the server in the place of `URL`. */
async function typed(...line: readonly string[]) {
  const { shell, out, notes } = recordingShell({ SEALWIRE_TOKEN: "a token of this test" });
  const program = new Command().exitOverride().configureOutput({ writeErr: () => {} });
  let code = -1;
  for (const add of [putCommand, getCommand, lsCommand]) {
    add(program, async (work) => {
      code = await work(shell);
    });
  }
  const args = line.map((word) => (word === "URL" ? String(server.address) : word));
  await program.parseAsync(["node", "sealwire", ...args, "--pin", pin]);
  return { code, out, notes };
}

const CONTENT = "x".repeat(200_000);

it("puts, lists and gets a file, and shows how far it is", async () => {
  const path = join(folder, "report.txt");
  await writeFile(path, CONTENT);
  const put = await typed("put", "URL", path);
  expect([put.code, put.out]).toEqual([0, ["report.txt"]]);
  expect(put.notes.at(-1)).toContain("100% 200 kB of 200 kB");
  expect((await typed("ls", "URL")).out).toEqual(["  200 kB  report.txt"]);
  const got = await typed("get", "URL", "report.txt", "--out", join(folder, "in"));
  expect([got.code, got.out]).toEqual([0, [join(folder, "in", "report.txt")]]);
  expect(await readFile(join(folder, "in", "report.txt"), "utf8")).toBe(CONTENT);
});

it("overwrites nothing, on neither side", async () => {
  const path = join(folder, "a.txt");
  await writeFile(path, "one");
  await typed("put", "URL", path);
  await writeFile(path, "two");
  const [second] = (await typed("put", "URL", path)).out;
  expect(second).toMatch(/^a_\d+\.txt$/);
  const got = await typed("get", "URL", "a.txt", "--out", folder);
  expect(got.out[0]).toMatch(/a_\d+\.txt$/);
  expect(await readFile(got.out[0] ?? "", "utf8")).toBe("one");
  expect(await readFile(path, "utf8")).toBe("two");
});

it("speaks JSON to machines", async () => {
  const path = join(folder, "a.txt");
  await writeFile(path, "one");
  const put = await typed("put", "URL", path, "--json");
  const [name, sha256] = ["a.txt", expect.stringMatching(/^[0-9a-f]{64}$/)];
  expect(put.out.map((line) => JSON.parse(line))).toEqual([
    { name, size: 3, sha256, storedAs: "a.txt" },
  ]);
  expect(put.notes).toEqual([]);
  expect((await typed("ls", "URL", "--json")).out).toEqual(['{"name":"a.txt","size":3}']);
  const got = await typed("get", "URL", "a.txt", "--out", folder, "--json");
  expect(JSON.parse(got.out[0] ?? "")).toMatchObject({ name, size: 3, sha256 });
});

it("tells what is not there, cannot be read, or may not be so called", async () => {
  expect(await typed("get", "URL", "nothing")).toMatchObject({ code: 1, out: [] });
  await expect(typed("put", "URL", join(folder, "nothing"))).resolves.toMatchObject({ code: 2 });
  expect((await typed("put", "URL", folder)).notes[0]).toContain("is no file");
  const hidden = join(folder, ".hidden");
  await writeFile(hidden, "x");
  const refused = await typed("put", "URL", hidden);
  expect([refused.code, refused.out]).toEqual([2, []]);
  expect(refused.notes.at(-1)).toContain("begins with a dot");
  expect(await readdir(folder)).toEqual([".hidden"]);
});

it("begins anew if told so, and else goes on with what an earlier try has left", async () => {
  const path = join(folder, "a.txt");
  await writeFile(path, CONTENT);
  const store = folderStore({ folder: join(folder, "kept") });
  const sha256 = createHash("sha256").update(CONTENT).digest();
  const left = await store.create("a.txt", CONTENT.length, { owner: '"ann"', sha256 });
  await left.write(0, Buffer.from(CONTENT));
  await left.reached?.(131_072);
  await left.leave?.();
  const anew = await typed("put", "URL", path, "--no-resume");
  expect(anew.notes[0]).toMatch(/ 32% 66 kB of 200 kB /);
});

it("tells how to go on when the server does not come back", async () => {
  await writeFile(join(folder, "a.txt"), CONTENT);
  server.use(async (call, next) => {
    if (call.procedure === "file_upload_chunk") void server.close({ drainMs: 0 });
    return next(call);
  });
  const put = await typed("put", "URL", join(folder, "a.txt"), "--wait", "1");
  expect(put.code).toBe(3);
  expect(put.notes.at(-1)).toBe("hint: run the same command again to go on from there");
});
