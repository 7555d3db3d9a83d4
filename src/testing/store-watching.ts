import { expect, test } from "vitest";
import type { Change, Store } from "../core/contracts/store.ts";
import { bytes } from "./store-keeping.ts";
import type { StoreSuite } from "./store-under-test.ts";

/** Watches say what is there, then what changes. */
export function storeWatching({ made }: StoreSuite): void {
  test("tells who watches what is there, then each change in order", async () => {
    const { store } = await made();
    await store.put("x/a", bytes(1));
    await store.put("y", bytes(9));
    const seen = await watched(store, "x/", 4, async () => {
      await store.put("x/a", bytes(2));
      await store.put("y", bytes(8));
      await store.put("x/b", bytes(3));
      await store.delete("x/a");
    });
    expect(seen.map(({ key, entry }) => [key, entry?.value[0]])).toEqual([
      ["x/a", 1],
      ["x/a", 2],
      ["x/b", 3],
      ["x/a", undefined],
    ]);
    expect(seen.map(({ version }) => version)).toEqual(
      seen.map(({ version }) => version).sort((a, b) => a - b),
    );
  });

  test("misses and repeats nothing of what is written while a watch begins", async () => {
    const { store } = await made();
    const writes = (async () => {
      for (let i = 0; i < 100; i++) await store.put("n", bytes(i));
    })();
    await store.get("n");
    const seen = await watched(store, "n", undefined, () => writes);
    const values = seen.map(({ entry }) => entry?.value[0] ?? -1);
    const first = values[0] ?? -1;
    expect(values).toEqual(Array.from({ length: 100 - first }, (_, i) => first + i));
  });

  test("ends a watch with its signal", async () => {
    const { store } = await made();
    const stop = new AbortController();
    const watch = store.watch("", { signal: stop.signal })[Symbol.asyncIterator]();
    const next = watch.next();
    stop.abort();
    expect((await next).done).toBe(true);
  });
}

/**
 * The first changes, or all until the value 99 is seen; `then` is done once what was there before
 * has been told.
 */
async function watched(
  store: Store,
  prefix: string,
  count: number | undefined,
  then: () => Promise<void>,
): Promise<readonly Change[]> {
  const seen: Change[] = [];
  const stop = new AbortController();
  let doing: Promise<void> = Promise.resolve();
  const onCaughtUp = (): void => {
    doing = then();
  };
  for await (const change of store.watch(prefix, { signal: stop.signal, onCaughtUp })) {
    seen.push(change);
    if (count === undefined ? change.entry?.value[0] === 99 : seen.length === count) stop.abort();
  }
  await doing;
  return seen;
}
