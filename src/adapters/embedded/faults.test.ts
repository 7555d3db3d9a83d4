import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, expect, it } from "vitest";
import type { Store } from "../../core/contracts/store.ts";
import { lmdb } from "./lmdb.ts";
import { LogFile } from "./log-file.ts";
import { logStore } from "./log-store.ts";
import { stateStoreIn } from "./state-store-in.ts";

const folders: string[] = [];
const stores: Store[] = [];
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

const code = (is: string) => expect.objectContaining({ code: is });

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "sealwire-faults-"));
  folders.push(folder);
  return folder;
}

async function opened(opening: Promise<Store>): Promise<Store> {
  const store = await opening;
  stores.push(store);
  return store;
}

async function valuesOf(store: Store): Promise<ReadonlyMap<string, number>> {
  const values = new Map<string, number>();
  for await (const [key, { value }] of store.list("")) values.set(key, value[0] ?? -1);
  return values;
}

/** A log of `count` commits, each of which sets `a` and `b` to its number; and where each ends. */
async function logOf(folder: string, count: number): Promise<readonly number[]> {
  const store = await logStore({ folder, flush: "never" });
  const ends: number[] = [(await readFile(join(folder, "state.log"))).length];
  for (let i = 1; i <= count; i++) {
    const value = Uint8Array.of(i);
    await store.transact?.([
      { key: "a", value },
      { key: "b", value },
    ]);
    ends.push((await readFile(join(folder, "state.log"))).length);
  }
  await store.close();
  return ends;
}

it("has each commit whole or not at all, wherever the log was cut", async () => {
  const folder = await newFolder();
  const path = join(folder, "state.log");
  const ends = await logOf(folder, 5);
  const whole = await readFile(path);
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length), fc.uint8Array({ maxLength: 40 }), async (cut, noise) => {
      const left = [...whole.subarray(0, cut), ...(cut < 8 ? [] : noise)];
      await writeFile(path, Uint8Array.from(left));
      const store = await logStore({ folder, flush: "never" });
      // Noise may happen to be what was cut off.
      const other = left.findIndex((byte, i) => byte !== whole[i]);
      const same = other < 0 ? left.length : other;
      const kept = ends.filter((end) => end <= same).length - 1;
      const expected =
        kept > 0
          ? [
              ["a", kept],
              ["b", kept],
            ]
          : [];
      expect([...(await valuesOf(store))]).toEqual(expected);
      await store.put("c", Uint8Array.of(9));
      await store.close();
      const again = await logStore({ folder, flush: "never" });
      expect((await valuesOf(again)).get("c")).toBe(9);
      await again.close();
    }),
    { numRuns: 60 },
  );
});

it("refuses a log that is damaged where whole records follow, unless it is told to keep less", async () => {
  const folder = await newFolder();
  const path = join(folder, "state.log");
  const [, first = 0] = await logOf(folder, 3);
  const log = await readFile(path);
  log[first + 12] = (log[first + 12] ?? 0) ^ 1;
  await writeFile(path, log);
  await expect(logStore({ folder })).rejects.toEqual(code("RECORD_REJECTED"));
  const store = await opened(logStore({ folder, damaged: "keep-before" }));
  expect((await valuesOf(store)).get("a")).toBe(1);
});

it.each([
  ["of a newer version", [..."SWSTATE"].map((c) => c.charCodeAt(0)).concat(2), "UNSUPPORTED"],
  ["of another program", [..."SQLite format 3"].map((c) => c.charCodeAt(0)), "RECORD_REJECTED"],
])("refuses a file %s, and leaves it as it is", async (_what, bytes, expected) => {
  const folder = await newFolder();
  const path = join(folder, "state.log");
  await writeFile(path, Uint8Array.from(bytes));
  await expect(logStore({ folder })).rejects.toEqual(code(expected));
  expect([...(await readFile(path))]).toEqual(bytes);
});

it("writes a log anew when most of it is old, and has everything afterwards", async () => {
  const folder = await newFolder();
  const store = await opened(logStore({ folder, flush: "never" }));
  const large = new Uint8Array(100_000).fill(1);
  await store.put("small", Uint8Array.of(7));
  for (let i = 0; i < 40; i++) await store.put("large", large);
  await store.close();
  expect((await readFile(join(folder, "state.log"))).length).toBeLessThan(1_500_000);
  const again = await opened(logStore({ folder }));
  expect([...(await valuesOf(again))]).toEqual([
    ["large", 1],
    ["small", 7],
  ]);
  expect(await again.put("small", Uint8Array.of(8))).toBe(42);
});

it("tells of writes that the disk refuses, and goes on afterwards with what was there", async () => {
  const folder = await newFolder();
  const path = join(folder, "state.log");
  const log = await LogFile.open(path, { flush: "always", damaged: "refuse", readOnly: false });
  const put = (key: string, version: number) =>
    log.commit(new Map([[key, { value: Uint8Array.of(version), version }]]), version);
  await put("a", 1);
  await log.close();
  await expect(put("b", 2)).rejects.toEqual(code("UNAVAILABLE"));
  // The handle is gone, as after an error of the disk: the log is written anew beside it.
  await put("c", 3);
  await log.close();
  const again = await opened(logStore({ folder }));
  expect([...(await valuesOf(again)).keys()]).toEqual(["a", "c"]);
});

it.each([
  ["log", logStore],
  ["lmdb", lmdb],
] as const)(
  "gives a folder to one %s at a time, and takes over from the dead",
  async (_name, open) => {
    const folder = await newFolder();
    const first = await opened(open({ folder }));
    await expect(open({ folder })).rejects.toMatchObject({
      code: "UNAVAILABLE",
      message: expect.stringContaining(`in use by process ${process.pid}`),
    });
    await first.put("a", Uint8Array.of(1));
    await first.close();
    await writeFile(join(folder, "owner"), "999999999 12345");
    expect((await valuesOf(await opened(open({ folder })))).get("a")).toBe(1);
  },
);

it("keeps to what a folder has, and takes lmdb for a new one", async () => {
  const [logged, fresh] = [await newFolder(), await newFolder()];
  await logOf(logged, 1);
  expect((await opened(stateStoreIn(logged))).description).toBe(`log in ${logged}`);
  expect((await opened(stateStoreIn(fresh))).description).toBe(`lmdb in ${fresh}`);
});

it("makes a folder below others that are not there, and says at once where none can be", async () => {
  const folder = join(await newFolder(), "a", "b");
  await opened(logStore({ folder }));
  const file = join(await newFolder(), "file");
  await writeFile(file, "");
  const nowhere = [join(file, "folder"), "/proc/no/folder"];
  for (const place of process.platform === "linux" ? nowhere : nowhere.slice(0, 1)) {
    await expect(logStore({ folder: place })).rejects.toEqual(code("UNAVAILABLE"));
  }
});

it("refuses a file of lmdb that a newer version wrote", async () => {
  const folder = await newFolder();
  const { open } = await import("lmdb");
  const path = join(folder, "state.mdb");
  const database = open({ path, noSubdir: true, encoding: "binary", keyEncoding: "binary" });
  await database.put(Buffer.from("m/meta"), Buffer.from([0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0]));
  await database.close();
  await expect(lmdb({ folder })).rejects.toEqual(code("UNSUPPORTED"));
});
