import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { bytes, namesIn, putText } from "../../../test/features/stored-text.ts";
import { encodeHex } from "../../bytes/text.ts";
import type { FileStore } from "../../core/contracts/file-store.ts";
import { sha256 } from "../../crypto/sha256.ts";
import { folderStore } from "./folder-store.node.ts";
import { memoryStore } from "./memory-store.ts";

const base = mkdtempSync(join(tmpdir(), "sealwire-files-"));
afterAll(() => rmSync(base, { recursive: true, force: true }));
let folders = 0;
const newFolder = () => join(base, `folder${++folders}`);
const NOW = 1_795_166_494_345;
const now = () => NOW;

describe.each<readonly [string, () => FileStore]>([
  ["a store in memory", () => memoryStore({ now })],
  ["a store in a folder", () => folderStore({ folder: newFolder(), now })],
])("%s", (_, make) => {
  it("keeps what was written, in whatever order it came", async () => {
    const store = make();
    const content = bytes("0123456789");
    const draft = await store.create("a.txt", 10);
    await draft.write(5, content.subarray(5));
    await draft.write(0, content.subarray(0, 5));

    expect(await draft.commit(sha256(content))).toEqual({ name: "a.txt", size: 10 });
    expect(await store.find("a.txt")).toEqual({ name: "a.txt", size: 10 });
    expect(await store.read("a.txt", 3, 4)).toEqual(bytes("3456"));
    expect(await store.read("a.txt", 8, 100)).toEqual(bytes("89"));
    expect(await store.digest("a.txt")).toEqual(sha256(content));
  });

  it("shows nothing before it is whole", async () => {
    const store = make();
    const draft = await store.create("a.txt", 3);
    await draft.write(0, bytes("abc"));

    expect(await namesIn(store)).toEqual([]);
    expect(await store.find("a.txt")).toBeUndefined();
    await draft.discard();
  });

  it("forgets what is not what was announced", async () => {
    const store = make();
    const draft = await store.create("a.txt", 3);
    await draft.write(0, bytes("abc"));
    const got = encodeHex(sha256(bytes("abc")));

    await expect(draft.commit(new Uint8Array(1))).rejects.toMatchObject({
      code: "CONFLICT",
      details: { expected: "00", got },
    });
    expect(await namesIn(store)).toEqual([]);
  });

  it("writes nothing beyond the announced size", async () => {
    const draft = await make().create("a.txt", 3);

    await expect(draft.write(2, bytes("cd"))).rejects.toMatchObject({ code: "TOO_LARGE" });
    await draft.discard();
  });

  it("gives a name that is taken the seconds of the time before its extension", async () => {
    const store = make();

    expect(await putText(store, "a.b.txt", "one")).toBe("a.b.txt");
    expect(await putText(store, "a.b.txt", "two")).toBe("a.b_1795166494.txt");
    expect(await putText(store, "a.b.txt", "three")).toBe("a.b_1795166494_2.txt");
    expect(await putText(store, "plain", "one")).toBe("plain");
    expect(await putText(store, "plain", "two")).toBe("plain_1795166494");
    expect(await store.read("a.b.txt", 0, 10)).toEqual(bytes("one"));
  });

  it("lists by name and removes", async () => {
    const store = make();
    for (const name of ["c", "a", "b"]) await putText(store, name, name);
    await store.remove("b");
    await store.remove("absent");

    expect(await namesIn(store)).toEqual(["a", "c"]);
  });

  it("knows nothing of what is not there", async () => {
    const store = make();

    expect(await store.find("absent")).toBeUndefined();
    await expect(store.read("absent", 0, 1)).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(store.digest("absent")).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  it("keeps an empty file", async () => {
    const store = make();
    await putText(store, "empty", "");

    expect(await store.find("empty")).toEqual({ name: "empty", size: 0 });
    expect(await store.read("empty", 0, 10)).toHaveLength(0);
  });

  it.each([
    "",
    ".",
    "..",
    "../a",
    "a/b",
    "a\\b",
    "/etc/passwd",
    "C:a",
    ".hidden",
    "a\0b",
    "a\nb",
    "\ud800",
    "a.",
    "a ",
    "NUL",
    "com1.txt",
    "aux .txt",
    "COM\u00b9.log",
    "conout$",
    "gpj.\u202eexe",
    "a\u200bb",
    "\u200d.hidden",
    "a\u2028b",
    "x".repeat(201),
  ])("takes no file named %j", async (name) => {
    const store = make();

    await expect(store.create(name, 1)).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
    expect(await store.find(name)).toBeUndefined();
    await expect(store.read(name, 0, 1)).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  it.each([
    "a",
    "a b.txt",
    "äöü 🦀.txt",
    "👩‍🔬：／.txt",
    "console",
    "__proto__",
    "constructor",
    "a..b",
    "x".repeat(200),
  ])("takes a file named %j", async (name) => {
    const store = make();

    expect(await putText(store, name, "content")).toBe(name);
    expect(await namesIn(store)).toEqual([name]);
  });
});

describe("a store in memory", () => {
  it("holds no more than it may, and has room again for what was removed or given up", async () => {
    const store = memoryStore({ maxTotalBytes: 10 });
    await putText(store, "a", "12345");
    const draft = await store.create("b", 5);

    await expect(store.create("c", 1)).rejects.toMatchObject({ code: "TOO_LARGE" });
    await draft.discard();
    await draft.discard();
    await store.remove("a");
    expect(await putText(store, "c", "1234567890")).toBe("c");
  });
});
