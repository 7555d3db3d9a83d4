export { DEFAULT_STATE_LIMITS, type StateLimits } from "./options.ts";
export { SharedState, type SharedStateOptions, sharedState } from "./shared-state.ts";
export {
  type SharedStateClient,
  type SharedStateClientOptions,
  type StateMembers,
  sharedStateClient,
} from "./shared-state-client.ts";
