import { afterEach, describe } from "vitest";
import type { Store } from "../core/contracts/store.ts";
import { keeping } from "./store-keeping.ts";
import { racing } from "./store-racing.ts";
import type { StoreSuite, StoreUnderTest } from "./store-under-test.ts";
import { storeWatching } from "./store-watching.ts";

/**
 * Proves that a store keeps its contract. Call it in a test file of vitest.
 *
 * @example
 * storeSuite("memory", async () => ({ store: memoryStore() }));
 */
export function storeSuite(
  name: string,
  make: () => StoreUnderTest | Promise<StoreUnderTest>,
): void {
  const open: Store[] = [];
  const cleaning: (() => Promise<void>)[] = [];
  const suite: StoreSuite = {
    async made() {
      const made = await make();
      open.push(made.store);
      if (made.clean) cleaning.push(made.clean);
      return made;
    },
    also(store) {
      open.push(store);
      return store;
    },
  };
  describe(`store ${name}`, () => {
    afterEach(async () => {
      for (const store of open.splice(0)) await store.close();
      for (const clean of cleaning.splice(0)) await clean();
    });
    keeping(suite);
    racing(suite);
    storeWatching(suite);
  });
}
