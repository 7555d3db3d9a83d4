import type { Store } from "../core/contracts/store.ts";

/** A store that is to be proven. */
export interface StoreUnderTest {
  /** Empty. */
  readonly store: Store;
  /** Opens it again after `close`, where it outlives that. */
  readonly reopen?: () => Promise<Store>;
  /** Takes away what was made for it. */
  readonly clean?: () => Promise<void>;
}

/** What the parts of the suite share. */
export interface StoreSuite {
  /** A new one; closed after the test. */
  made(): Promise<StoreUnderTest>;
  /** Closed after the test as well. */
  also(store: Store): Store;
}
