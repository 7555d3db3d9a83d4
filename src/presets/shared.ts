// What Node and browsers have in common.

export { type Remote, type RemoteMembers, remoteApi } from "../client/api.ts";
export type { BackoffOptions } from "../client/backoff.ts";
export { Client, type StateHook } from "../client/client.ts";
export type { EventSubscription, Receive, WatchOptions } from "../client/event-receivers.ts";
export type { ClientOptions } from "../client/options.ts";
export { ClientPool, type PoolOptions } from "../client/pool.ts";
export type { PoolChoice } from "../client/pool-choice.ts";
export type { PoolReceive } from "../client/pool-events.ts";
export type { MemberOutcome } from "../client/pool-fan-out.ts";
export type { PoolMember } from "../client/pool-member.ts";
export type { KnownServers } from "../client/trust.ts";
export type { Compression } from "../codecs/compression.ts";
export { deflate } from "../codecs/deflate.ts";
export type { MsgpackLimits } from "../codecs/msgpack-limits.ts";
export type { Dialect } from "../core/contracts/dialect.ts";
export type {
  ClientFeature,
  ConnectionState,
  Delivered,
  Feature,
  ProcedureOptions,
} from "../core/contracts/feature.ts";
export type { Logger } from "../core/contracts/logger.ts";
export type { Scheme, Schemes } from "../core/contracts/platform.ts";
export type { StandardSchema } from "../core/contracts/schema.ts";
export type { Transport } from "../core/contracts/transport.ts";
export type { CallArguments } from "../core/engine/arguments.ts";
export { callLog } from "../core/engine/call-log.ts";
export type { CallOptions } from "../core/engine/call-options.ts";
export { changeCall } from "../core/engine/change-call.ts";
export { Connection } from "../core/engine/connection.ts";
export type { ConnectionStatistics } from "../core/engine/connection-setup.ts";
export type { HeartbeatOptions } from "../core/engine/heartbeat.ts";
export type { ConnectionLimits } from "../core/engine/limits.ts";
export type { ContractOf, Exposed } from "../core/engine/procedures.ts";
export type { Call, Handler, Middleware, Next } from "../core/model/call.ts";
export type { Credentials, Evidence } from "../core/model/credentials.ts";
export { type ErrorCode, type Failure, SealwireError } from "../core/model/errors.ts";
export type { Arguments, Metadata } from "../core/model/message.ts";
export type { Peer, Principal } from "../core/model/peer.ts";
export type { NativeDialect } from "../dialects/native/index.ts";
export type { WrittenClientOptions, WrittenCredentials } from "./keys-in-options.ts";
export type { PoolAddress, PoolOptionsOver } from "./pool.ts";
