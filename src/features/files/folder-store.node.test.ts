import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { mkdir, readFile, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { bytes, namesIn, putText } from "../../../test/features/stored-text.ts";
import { sha256 } from "../../crypto/sha256.ts";
import { folderStore } from "./folder-store.node.ts";

const base = mkdtempSync(join(tmpdir(), "sealwire-files-"));
afterAll(() => rmSync(base, { recursive: true, force: true }));
let folders = 0;
const newFolder = () => join(base, `folder${++folders}`);
const NOW = 1_795_166_494_345;
const now = () => NOW;

describe("a store in a folder", () => {
  it("neither lists nor reads what lies behind a link, nor folders, nor what is hidden", async () => {
    const folder = newFolder();
    await mkdir(join(folder, "inner"), { recursive: true });
    writeFileSync(join(base, "secret"), "secret");
    writeFileSync(join(folder, ".hidden"), "hidden");
    symlinkSync(join(base, "secret"), join(folder, "link"));
    const store = folderStore({ folder });

    expect(await namesIn(store)).toEqual([]);
    for (const name of ["link", "inner", ".hidden"]) {
      expect(await store.find(name)).toBeUndefined();
      await expect(store.read(name, 0, 10)).rejects.toMatchObject({ code: "NOT_FOUND" });
    }
    await store.remove("link");
    expect(await readFile(join(base, "secret"), "utf8")).toBe("secret");
  });

  it("does not write through a link that has the name of the file", async () => {
    const folder = newFolder();
    await mkdir(folder);
    await writeFile(join(base, "target"), "before");
    symlinkSync(join(base, "target"), join(folder, "a.txt"));

    expect(await putText(folderStore({ folder, now }), "a.txt", "after")).toBe("a_1795166494.txt");
    expect(await readFile(join(base, "target"), "utf8")).toBe("before");
  });

  it("leaves nothing behind of what was given up, and only the owner may read the rest", async () => {
    const folder = newFolder();
    const store = folderStore({ folder });
    const draft = await store.create("a.txt", 3);
    expect(readdirSync(folder)).toEqual([expect.stringMatching(/^\.[0-9a-f]{32}\.part$/)]);
    await draft.discard();
    await draft.discard();
    await putText(store, "b.txt", "abc");

    expect(readdirSync(folder)).toEqual(["b.txt"]);
    expect((await stat(join(folder, "b.txt"))).mode & 0o077).toBe(0);
  });

  it("gives two that come at once under one name a name each", async () => {
    const store = folderStore({ folder: newFolder(), now });
    const names = await Promise.all([1, 2, 3, 4].map((n) => putText(store, "same", `${n}`)));

    expect(new Set(names).size).toBe(4);
    expect(await namesIn(store)).toHaveLength(4);
  });

  it("notices that a file has changed since its digest was made", async () => {
    const folder = newFolder();
    const store = folderStore({ folder });
    await putText(store, "a.txt", "one");
    await store.digest("a.txt");
    await writeFile(join(folder, "a.txt"), "other");

    expect(await store.digest("a.txt")).toEqual(sha256(bytes("other")));
  });

  it("removes what a crash left behind a day ago, and nothing else", async () => {
    const folder = newFolder();
    await mkdir(folder);
    const [old, young] = [`.${"0".repeat(32)}.part`, `.${"1".repeat(32)}.part`];
    for (const name of [old, young, ".mine.part"]) await writeFile(join(folder, name), "x");
    for (const name of [old, ".mine.part"])
      await utimes(join(folder, name), 0, NOW / 1000 - 86_401);
    await utimes(join(folder, young), 0, NOW / 1000 - 3_600);
    await putText(folderStore({ folder, now }), "a", "a");

    expect(readdirSync(folder).sort()).toEqual([young, ".mine.part", "a"].sort());
  });

  it("is empty as long as its folder is not there", async () => {
    expect(await namesIn(folderStore({ folder: newFolder() }))).toEqual([]);
  });

  it("refuses what is too large before a byte is written", async () => {
    const folder = newFolder();

    await expect(folderStore({ folder, maxFileBytes: 3 }).create("a", 4)).rejects.toMatchObject({
      code: "TOO_LARGE",
    });
    expect(() => folderStore({ folder: "" })).toThrow("folder is ; allowed is the path");
    expect(() => folderStore({ folder, maxFileBytes: 0 })).toThrow("maxFileBytes is 0");
  });
});
