import { expect, test } from "vitest";
import { SealwireError } from "../core/model/errors.ts";
import { bytes, listed } from "./store-keeping.ts";
import type { StoreSuite } from "./store-under-test.ts";

/** Many at once: of those who expect the same version one wins. */
export function racing({ made }: StoreSuite): void {
  test("lets one of those win who expect the same version", async () => {
    const { store } = await made();
    const first = await store.put("a", bytes(0));
    const tries = Array.from({ length: 20 }, (_, i) => store.put("a", bytes(i), first));
    const settled = await Promise.allSettled(tries);
    const won = settled.flatMap((result, i) => (result.status === "fulfilled" ? [i] : []));
    const codes = settled.flatMap((result) =>
      result.status === "rejected" ? [SealwireError.from(result.reason).code] : [],
    );
    expect(won).toHaveLength(1);
    expect(new Set(codes)).toEqual(new Set(["CONFLICT"]));
    expect((await store.get("a"))?.value).toEqual(bytes(won[0] ?? -1));
  });

  test("counts right when many count at once", async () => {
    const { store } = await made();
    await store.put("n", bytes(0));
    const count = async (): Promise<void> => {
      for (;;) {
        const { value = bytes(0), version = 0 } = (await store.get("n")) ?? {};
        try {
          await store.put("n", bytes((value[0] ?? 0) + 1), version);
          return;
        } catch (thrown) {
          if (SealwireError.from(thrown).code !== "CONFLICT") throw thrown;
        }
      }
    };
    await Promise.all(Array.from({ length: 25 }, count));
    expect((await store.get("n"))?.value).toEqual(bytes(25));
  });

  test("keeps hundreds of writes that are asked at once", async () => {
    const { store } = await made();
    const keys = Array.from({ length: 500 }, (_, i) => `k${String(i).padStart(3, "0")}`);
    const versions = await Promise.all(keys.map((key, i) => store.put(key, bytes(i % 256))));
    expect(new Set(versions).size).toBe(500);
    expect((await listed(store, "k")).map(([key]) => key)).toEqual(keys);
  });
}
