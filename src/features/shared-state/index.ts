export type { ConflictRule, Merge, Policy, VariableDeclaration } from "./declaration.ts";
export { memoryStore } from "./memory-store.ts";
export {
  DEFAULT_STATE_LIMITS,
  DEFAULT_WATCH_LIMITS,
  type SharedStateOptions,
  type StateLimits,
  type WatchLimits,
} from "./options.ts";
export {
  type ServerWatchOptions,
  SharedState,
  sharedState,
  type WatchTarget,
} from "./shared-state.ts";
export {
  type SharedStateClient,
  type SharedStateClientOptions,
  type StateMembers,
  type StateWatchOptions,
  sharedStateClient,
} from "./shared-state-client.ts";
export type { StateTransaction } from "./transaction.ts";
export type { VariableVersion } from "./variables.ts";
export type { WatchedChange, WatchedVariable, WatchItem } from "./watch-item.ts";
