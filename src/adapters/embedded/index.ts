export { type LmdbOptions, lmdb } from "./lmdb.ts";
export { type LogStoreOptions, logStore } from "./log-store.ts";
export { type StateStoreOptions, stateStoreIn } from "./state-store-in.ts";
