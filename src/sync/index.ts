export { SealwireError } from "../core/model/errors.ts";
export { connectSync } from "./connect-sync.ts";
export type { SyncCallOptions, SyncClientOptions } from "./options.ts";
export type {
  AnyApi,
  SyncAnswer,
  SyncClient,
  SyncClientMembers,
  SyncRemote,
} from "./sync-api.ts";
