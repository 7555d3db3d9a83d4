import type { Clock } from "../contracts/clock.ts";
import type { CallContext } from "../contracts/context.ts";
import type { Session, Vocabulary } from "../contracts/dialect.ts";
import type { Logger } from "../contracts/logger.ts";
import type { Failure } from "../model/errors.ts";
import type { CallId, Message } from "../model/message.ts";
import type { Principal } from "../model/peer.ts";
import type { Connection } from "./connection.ts";
import type { ConnectionSetup } from "./connection-setup.ts";
import type { Gate } from "./gate.ts";
import type { Route, Router } from "./router.ts";
import type { Traffic } from "./traffic.ts";

/** What the parts of one connection have in common. */
export interface ConnectionParts {
  readonly connection: Connection;
  readonly setup: ConnectionSetup;
  readonly session: Session;
  readonly traffic: Traffic;
  readonly idle: Gate;
}

/**
 * Through which the tables of calls reach the rest of their connection. One object with methods,
 * because a closure for each of them would be most of what an idle connection costs.
 */
export class ConnectionPort {
  readonly #parts: ConnectionParts;

  constructor(parts: ConnectionParts) {
    this.#parts = parts;
  }

  send(message: Message): void {
    this.#parts.traffic.send(message);
  }

  /** As `SendQueue.room`. */
  room(): Promise<void> | undefined {
    return this.#parts.traffic.room();
  }

  /** Items of a stream have come into a buffer or, negative, left it. */
  buffered(bytes: number): void {
    this.#parts.traffic.buffered(bytes);
  }

  setPaused(paused: boolean): void {
    this.#parts.traffic.setPaused(paused);
  }

  nextCallId(): CallId {
    return this.#parts.session.nextCallId();
  }

  /** Told when the last open call of the peer has been answered. */
  idle(): void {
    this.#parts.idle.open();
  }

  event(name: string, data: unknown): void {
    this.#parts.setup.onEvent(name, data, this.#parts.connection);
  }

  goodbye(reason: string | undefined): void {
    this.#parts.setup.onGoodbye(reason, this.#parts.connection);
  }

  /** Why this principal may not call this; `undefined` if it may. */
  authorize(route: Route, principal: Principal | undefined): Failure | undefined {
    return this.#parts.setup.authorize(route, principal);
  }

  get peer(): Connection {
    return this.#parts.connection;
  }

  get vocabulary(): Vocabulary {
    return this.#parts.connection.vocabulary;
  }

  get router(): Router {
    return this.#parts.setup.router;
  }

  get clock(): Clock {
    return this.#parts.setup.clock;
  }

  get logger(): Logger {
    return this.#parts.setup.logger;
  }

  get context(): CallContext | undefined {
    return this.#parts.setup.context;
  }

  get maxIncoming(): number {
    return this.#parts.setup.limits.maxIncomingCalls;
  }

  get maxOutgoing(): number {
    return this.#parts.setup.limits.maxOutgoingCalls;
  }

  get maxWaiting(): number {
    return this.#parts.setup.limits.maxWaitingCalls;
  }

  /** For calls without a timeout of their own; it does not travel. */
  get defaultTimeoutMs(): number {
    return this.#parts.setup.callTimeoutMs;
  }

  /** For handlers that have no limit of their own; infinity for no limit. */
  get handlerTimeoutMs(): number {
    return this.#parts.setup.handlerTimeoutMs;
  }
}
