export type { ContractOf, Exposed } from "../core/engine/procedures.ts";
export { type Answer, type Remote, type RemoteMembers, remoteApi } from "./api.ts";
export type { BackoffOptions } from "./backoff.ts";
export { Client, type StateHook } from "./client.ts";
export { connectTo } from "./connect.ts";
export type { EventSubscription, Receive, WatchOptions } from "./event-receivers.ts";
export type { ClientOptions, ClientSurroundings } from "./options.ts";
export type { KnownServers } from "./trust.ts";
