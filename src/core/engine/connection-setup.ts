import type { Clock } from "../contracts/clock.ts";
import type { Logger } from "../contracts/logger.ts";
import type { Turn } from "../contracts/turn.ts";
import type { Failure, SealwireError } from "../model/errors.ts";
import type { Message } from "../model/message.ts";
import type { Principal } from "../model/peer.ts";
import type { Connection } from "./connection.ts";
import type { HeartbeatOptions } from "./heartbeat.ts";
import type { ConnectionLimits } from "./limits.ts";
import type { Route, Routes } from "./router.ts";

/** What a server or a client tells all of its connections. */
export interface ConnectionSetup {
  readonly routes: Routes;
  readonly limits: ConnectionLimits;
  readonly clock: Clock;
  readonly turn: Turn;
  readonly logger: Logger;
  readonly heartbeat: HeartbeatOptions | false;
  /** For calls of ours without a timeout. */
  readonly callTimeoutMs: number;
  /** For handlers of ours without a limit. */
  readonly handlerTimeoutMs: number;
  authorize(route: Route, principal: Principal | undefined): Failure | undefined;
  /**
   * Looks at each message before it is acted on: gives the one to go on with, or none. A call is
   * answered all the same if it comes back as `settled`.
   */
  screen?(message: Message, bytes: number, connection: Connection): Message | undefined;
  onEvent(name: string, data: unknown, connection: Connection): void;
  /** The peer says that it will end the connection. */
  onGoodbye(reason: string | undefined, connection: Connection): void;
  /** Called once; `error` is absent after an orderly end. */
  onClosed(connection: Connection, error: SealwireError | undefined): void;
  /** The channel took everything that was held. */
  onDrained?(connection: Connection): void;
}

/** Counts of one connection since it began. */
export interface ConnectionStatistics extends TrafficStatistics {
  /** Calls of the peer that run now. */
  readonly incomingCalls: number;
  /** Calls of ours that are open now. */
  readonly outgoingCalls: number;
}

/** What went over a connection, as bytes of the wire and as messages. */
export interface TrafficStatistics {
  readonly sentBytes: number;
  readonly sentMessages: number;
  readonly receivedBytes: number;
  readonly receivedMessages: number;
}
