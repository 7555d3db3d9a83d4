import type { Session } from "../contracts/dialect.ts";
import type { Connection } from "./connection.ts";
import type { ConnectionSetup } from "./connection-setup.ts";
import type { Gate } from "./gate.ts";
import type { Traffic } from "./traffic.ts";

/** What the calls of one connection need of it. */
export interface ConnectionPort {
  /** Who is at the other end, as handlers and hooks see it. */
  readonly peer: Connection;
  /** What all connections of one owner share. */
  readonly setup: ConnectionSetup;
  readonly session: Session;
  /** The way out. */
  readonly traffic: Traffic;
  /** Opened when the last open call of the peer has been answered. */
  readonly idle: Gate;
}
