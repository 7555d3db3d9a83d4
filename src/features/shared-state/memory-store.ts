import type { Entry, Store } from "../../core/contracts/store.ts";
import { embeddedStore } from "../../core/engine/embedded-store.ts";

/** A store in memory: for tests, and where nothing needs to outlive the process. */
export function memoryStore(): Store {
  const kept = new Map<string, Entry>();
  let lastVersion = 0;
  return embeddedStore({
    description: "memory",
    get lastVersion() {
      return lastVersion;
    },
    get: (key) => kept.get(key),
    list: (prefix) =>
      [...kept].filter(([key]) => key.startsWith(prefix)).sort(([a], [b]) => (a < b ? -1 : 1)),
    async commit(entries, version) {
      for (const [key, entry] of entries) {
        // The caller keeps its bytes, and may change them.
        if (entry) kept.set(key, { ...entry, value: entry.value.slice() });
        else kept.delete(key);
      }
      lastVersion = version;
    },
    close: async () => {},
  });
}
