import { expect, test } from "vitest";
import type { Entry, Store } from "../core/contracts/store.ts";
import { sameBytes } from "./channel-ends.ts";
import type { StoreSuite } from "./store-under-test.ts";

/** Bytes that can be told apart. */
export const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);

const code = (is: string) => expect.objectContaining({ code: is });

/** What lies below a prefix. */
export async function listed(store: Store, prefix: string): Promise<readonly [string, Entry][]> {
  const all: [string, Entry][] = [];
  for await (const [key, entry] of store.list(prefix)) all.push([key, entry]);
  return all;
}

/** What was put is there, and its versions grow. */
export function keeping({ made, also }: StoreSuite): void {
  test("keeps what was put, with a version that grows", async () => {
    const { store } = await made();
    const first = await store.put("a", bytes(1));
    const second = await store.put("a", bytes(2, 3));
    expect(first).toBeGreaterThan(0);
    expect(second).toBeGreaterThan(first);
    expect(await store.get("a")).toEqual({ value: bytes(2, 3), version: second });
    expect(await store.get("b")).toBeUndefined();
  });

  test("keeps bytes of its own", async () => {
    const { store } = await made();
    const given = bytes(1, 2);
    await store.put("a", given);
    given.fill(9);
    expect((await store.get("a"))?.value).toEqual(bytes(1, 2));
  });

  test("keeps nothing, much, and odd keys", async () => {
    const { store } = await made();
    const large = new Uint8Array(300_000).fill(7);
    await store.put("__proto__", bytes());
    await store.put("schlüssel ☃/x.y", large);
    expect((await store.get("__proto__"))?.value).toEqual(bytes());
    const kept = await store.get("schlüssel ☃/x.y");
    expect(kept && sameBytes(kept.value, large)).toBe(true);
  });

  test("refuses a key that is too long, and nothing else that is asked with it", async () => {
    const { store } = await made();
    const refused = expect(store.put("k".repeat(5_000), bytes(1))).rejects.toEqual(
      code("TOO_LARGE"),
    );
    expect(await store.put("k".repeat(500), bytes(1))).toBeGreaterThan(0);
    await refused;
  });

  test("writes only on the version that is expected", async () => {
    const { store } = await made();
    const first = await store.put("a", bytes(1), 0);
    await expect(store.put("a", bytes(2), 0)).rejects.toEqual(code("CONFLICT"));
    const second = await store.put("a", bytes(2), first);
    await expect(store.put("a", bytes(3), first)).rejects.toEqual(code("CONFLICT"));
    await expect(store.delete("a", first)).rejects.toEqual(code("CONFLICT"));
    expect(await store.get("a")).toEqual({ value: bytes(2), version: second });
  });

  test("deletes, and never gives a version again", async () => {
    const { store } = await made();
    const first = await store.put("a", bytes(1));
    await store.delete("a", first);
    await store.delete("a");
    expect(await store.get("a")).toBeUndefined();
    const second = await store.put("a", bytes(1), 0);
    expect(second).toBeGreaterThan(first);
    await expect(store.put("a", bytes(2), first)).rejects.toEqual(code("CONFLICT"));
  });

  test("lists what lies below a prefix, by key", async () => {
    const { store } = await made();
    for (const key of ["b/2", "a", "b/1", "c", "b"]) await store.put(key, bytes(key.length));
    expect((await listed(store, "b/")).map(([key]) => key)).toEqual(["b/1", "b/2"]);
    expect((await listed(store, "")).map(([key]) => key)).toEqual(["a", "b", "b/1", "b/2", "c"]);
    expect(await listed(store, "d")).toEqual([]);
  });

  test("does several writes together or none of them, where it can", async () => {
    const { store } = await made();
    if (!store.transact) return;
    const a = await store.put("a", bytes(1));
    const versions = await store.transact([
      { key: "a", expected: a },
      { key: "b", value: bytes(2), expected: 0 },
      { key: "c", value: bytes(3) },
    ]);
    expect([versions[0], (await listed(store, "")).map(([key]) => key)]).toEqual([0, ["b", "c"]]);
    const halfGood = [
      { key: "d", value: bytes(4) },
      { key: "b", value: bytes(5), expected: 0 },
    ];
    await expect(store.transact(halfGood)).rejects.toEqual(code("CONFLICT"));
    expect(await store.get("d")).toBeUndefined();
    expect(await store.get("b")).toEqual({ value: bytes(2), version: versions[1] });
  });

  test("has all of it when it is opened again, and goes on counting", async () => {
    const { store, reopen } = await made();
    if (!reopen) return;
    const a = await store.put("a", bytes(1));
    await store.put("b", bytes(2));
    const gone = await store.put("c", bytes(3));
    await store.delete("c");
    await store.close();
    const again = also(await reopen());
    expect(await again.get("a")).toEqual({ value: bytes(1), version: a });
    expect((await listed(again, "")).map(([key]) => key)).toEqual(["a", "b"]);
    expect(await again.put("c", bytes(4), 0)).toBeGreaterThan(gone);
  });

  test("finishes what was asked before it is closed, and refuses what comes after", async () => {
    const { store, reopen } = await made();
    const asked = store.put("a", bytes(1));
    await store.close();
    const version = await asked;
    await expect(store.put("a", bytes(2))).rejects.toEqual(code("UNAVAILABLE"));
    await expect(store.get("a")).rejects.toEqual(code("UNAVAILABLE"));
    if (!reopen) return;
    expect((await also(await reopen()).get("a"))?.version).toBe(version);
  });
}
