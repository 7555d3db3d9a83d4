/** What authors of dialects, transports, adapters and features need. */
export type * from "./contracts/authenticator.ts";
export type * from "./contracts/clock.ts";
export type * from "./contracts/cluster.ts";
export type * from "./contracts/context.ts";
export type * from "./contracts/datagram-socket.ts";
export type * from "./contracts/dialect.ts";
export type * from "./contracts/feature.ts";
export type * from "./contracts/file-store.ts";
export type * from "./contracts/framing.ts";
export type * from "./contracts/layer.ts";
export { type Logger, SILENT } from "./contracts/logger.ts";
export type * from "./contracts/schema.ts";
export type * from "./contracts/store.ts";
export type * from "./contracts/transport.ts";
export type * from "./contracts/turn.ts";
export { Connection } from "./engine/connection.ts";
export type { ConnectionStatistics } from "./engine/connection-setup.ts";
export { embeddedStore, type StoreBackend } from "./engine/embedded-store.ts";
export type * from "./model/call.ts";
export type * from "./model/credentials.ts";
export { ERROR_CODES, type ErrorCode, type Failure, SealwireError } from "./model/errors.ts";
export {
  type Arguments,
  type CallId,
  type CallMessage,
  type Message,
  type MessageKind,
  type Metadata,
  NO_ARGUMENTS,
} from "./model/message.ts";
export { ANONYMOUS, type Peer, type Principal } from "./model/peer.ts";
