import { linkSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { bytes, namesIn, putText } from "../../../test/features/stored-text.ts";
import type { DraftOptions, FileDraft, FileStore } from "../../core/contracts/file-store.ts";
import { sha256 } from "../../crypto/sha256.ts";
import { folderStore } from "./folder-store.node.ts";
import { memoryStore } from "./memory-store.ts";
import type { StoreBounds } from "./store-bounds.ts";

const base = mkdtempSync(join(tmpdir(), "sealwire-left-"));
afterAll(() => rmSync(base, { recursive: true, force: true }));
let folders = 0;
const CONTENT = bytes("0123456789");
const ANN: DraftOptions = { owner: "ann", sha256: sha256(CONTENT) };

type Given = Partial<StoreBounds> & { readonly now?: () => number };

/** Begins a file of Ann's, writes so much of it and leaves it. */
async function leaveSome(store: FileStore, count: number, name = "a"): Promise<void> {
  const draft = await store.create(name, 10, ANN);
  await draft.write(0, CONTENT.subarray(0, count));
  await draft.reached?.(count);
  await draft.leave?.();
}

async function finish(draft: FileDraft): Promise<string> {
  await draft.write(draft.keptBytes ?? 0, CONTENT.subarray(draft.keptBytes));
  return (await draft.commit(sha256(CONTENT))).name;
}

describe.each<readonly [string, (given?: Given) => FileStore]>([
  ["a store in memory", (given) => memoryStore(given)],
  ["a store in a folder", (given) => folderStore({ folder: join(base, `${++folders}`), ...given })],
])("%s", (_, make) => {
  it("gives what was left to the same owner, name, size and content alone", async () => {
    const store = make();
    await leaveSome(store, 4);
    const others = [
      await store.create("a", 10, { ...ANN, owner: "bob" }),
      await store.create("b", 10, ANN),
      await store.create("a", 11, ANN),
      await store.create("a", 10, { ...ANN, sha256: sha256(bytes("other")) }),
    ];
    const unnamed = await store.create("a", 10, { owner: "ann" });
    const again = await store.create("a", 10, ANN);

    expect(others.map(({ keptBytes }) => keptBytes)).toEqual([0, 0, 0, 0]);
    expect([unnamed.keptBytes, unnamed.leave]).toEqual([undefined, undefined]);
    expect(again.keptBytes).toBe(4);
    expect(await finish(again)).toBe("a");
    expect(await store.read("a", 0, 20)).toEqual(CONTENT);
    for (const draft of [...others, unnamed]) await draft.discard();
  });

  it("gives it to one at a time: who comes as well begins a file of his own", async () => {
    const store = make();
    await leaveSome(store, 4);
    const [first, second] = [await store.create("a", 10, ANN), await store.create("a", 10, ANN)];

    expect([first.keptBytes, second.keptBytes]).toEqual([4, undefined]);
    expect(await finish(second)).toBe("a");
    expect(await finish(first)).toMatch(/^a_\d+$/);
    expect((await store.create("a", 10, ANN)).keptBytes).toBe(0);
  });

  it("forgets what is not what was announced, also if it was gone on with", async () => {
    const store = make();
    const draft = await store.create("a", 10, ANN);
    await draft.write(0, bytes("wrong"));
    await draft.reached?.(5);
    await draft.leave?.();

    await expect(finish(await store.create("a", 10, ANN))).rejects.toMatchObject({
      code: "CONFLICT",
    });
    expect((await store.create("a", 10, ANN)).keptBytes).toBe(0);
    expect(await namesIn(store)).toEqual([]);
  });

  it("keeps what was left for a while only", async () => {
    let nowMs = Date.now();
    const store = make({ draftTimeoutMs: 1_000, now: () => nowMs, maxTotalBytes: 15 });
    await leaveSome(store, 4);
    nowMs += 1_001;

    expect((await store.create("a", 10, ANN)).keptBytes).toBe(0);
  });

  it("has only so much room for each owner and for all, what is on its way counted", async () => {
    const store = make({ maxOwnerBytes: 15, maxTotalBytes: 25 });
    const on = await store.create("a", 10, { owner: "ann" });
    const tooLarge = {
      code: "TOO_LARGE",
      message: expect.stringMatching(/has \d+ bytes, 5 are f/),
    };

    await expect(store.create("b", 6, { owner: "ann" })).rejects.toMatchObject(tooLarge);
    const other = await store.create("c", 10, { owner: "bob" });
    await expect(store.create("d", 6, { owner: "eve" })).rejects.toMatchObject(tooLarge);
    await on.write(0, CONTENT);
    await on.commit(sha256(CONTENT));
    await expect(store.create("b", 6, { owner: "ann" })).rejects.toMatchObject(tooLarge);
    await other.discard();
    await store.remove("a");
    await (await store.create("b", 15, { owner: "ann" })).discard();
  });

  it("lets what was left make way, the oldest first, and nobody else's", async () => {
    const store = make({ maxOwnerDrafts: 2, maxDrafts: 3 });
    for (const name of ["one", "two"]) await leaveSome(store, 4, name);
    const third = await store.create("three", 10, ANN);
    const many = { code: "RATE_LIMITED" };

    expect((await store.create("two", 10, ANN)).keptBytes).toBe(4);
    await expect(store.create("one", 10, ANN)).rejects.toMatchObject(many);
    const other = await store.create("four", 10, { owner: "bob" });
    await expect(store.create("five", 10, { owner: "eve" })).rejects.toMatchObject(many);
    for (const draft of [third, other]) await draft.discard();
    expect((await store.create("one", 10, ANN)).keptBytes).toBe(0);
  });

  it.each([
    [{ maxOwnerBytes: 0 }, "maxOwnerBytes is 0"],
    [{ maxDrafts: 0.5 }, "maxDrafts is 0.5"],
    [{ maxOwnerDrafts: -1 }, "maxOwnerDrafts is -1"],
    [{ draftTimeoutMs: Number.NaN }, "draftTimeoutMs is NaN"],
  ])("refuses %j", (given, message) => {
    expect(() => make(given)).toThrow(message);
  });
});

describe("a store in a folder", () => {
  it("finds after a restart what was left, whose it is, and whose the files are", async () => {
    const folder = join(base, "restarted");
    const before = folderStore({ folder, maxOwnerBytes: 25 });
    await putText(before, "free", "0123456789abcdef");
    await finish(await before.create("kept", 10, ANN));
    await leaveSome(before, 4);
    const again = folderStore({ folder, maxOwnerBytes: 25 });

    expect((await again.create("a", 10, ANN)).keptBytes).toBe(4);
    await expect(again.create("b", 6, { owner: "ann" })).rejects.toMatchObject({
      code: "TOO_LARGE",
    });
    expect(await namesIn(again)).toEqual(["free", "kept"]);
  });

  it("notices when it needs room that somebody has removed files by hand", async () => {
    const folder = join(base, "by-hand");
    const store = folderStore({ folder, maxTotalBytes: 15 });
    await putText(store, "a", "0123456789");
    rmSync(join(folder, "a"));

    expect(await putText(store, "b", "0123456789")).toBe("b");
  });
});

/** What lies hidden of Ann's draft in this folder. */
function hidden(folder: string, ending: string): string {
  const name = readdirSync(folder).find((each) => each.endsWith(ending));
  return join(folder, name ?? "none");
}

describe("what a crash has left in a folder", () => {
  it("is not written to when it has got its name already", async () => {
    const folder = join(base, "named");
    await leaveSome(folderStore({ folder }), 4);
    linkSync(hidden(folder, ".part"), join(folder, "a"));
    const again = await folderStore({ folder }).create("a", 10, ANN);
    await again.write(0, bytes("XXXXXXXXXX"));

    expect(again.keptBytes).toBe(0);
    expect(readFileSync(join(folder, "a"), "utf8")).toBe("0123");
  });

  it.each([
    ["torn", '{"owner":"ann","name":"a","si'],
    ["empty", ""],
    ["of something else", '["ann"]'],
    ["of more than there is", '{"owner":"ann","name":"a","size":10,"bytes":"9"}', 4],
    ["of less than nothing", '{"owner":"ann","name":"a","size":10,"bytes":"-1"}'],
  ])("with a note that is %s is believed no more than it can be", async (_, note, kept = 0) => {
    const folder = join(base, `noted${++folders}`);
    await leaveSome(folderStore({ folder }), 4);
    writeFileSync(hidden(folder, ".note"), note);
    const again = await folderStore({ folder }).create("a", 10, ANN);

    expect(again.keptBytes).toBe(kept);
    expect(await finish(again)).toBe("a");
  });
});
