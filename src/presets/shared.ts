// What Node and browsers have in common.

export type { Remote, RemoteMembers } from "../client/api.ts";
export { Client, type StateHook } from "../client/client.ts";
export type { EventSubscription, Receive, WatchOptions } from "../client/event-receivers.ts";
export { deflate } from "../codecs/deflate.ts";
export type { CallArguments } from "../core/engine/arguments.ts";
export type { CallOptions } from "../core/engine/call-options.ts";
export { Connection } from "../core/engine/connection.ts";
export type { ConnectionStatistics } from "../core/engine/connection-setup.ts";
export type { ContractOf, Exposed } from "../core/engine/procedures.ts";
export type { Call, Handler, Middleware, Next } from "../core/model/call.ts";
export type { Credentials } from "../core/model/credentials.ts";
export { type ErrorCode, type Failure, SealwireError } from "../core/model/errors.ts";
export type { Peer, Principal } from "../core/model/peer.ts";
