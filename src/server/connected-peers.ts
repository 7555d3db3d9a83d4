import type { Clock } from "../core/contracts/clock.ts";
import type { Dialect } from "../core/contracts/dialect.ts";
import { Connection } from "../core/engine/connection.ts";
import type { ConnectionSetup } from "../core/engine/connection-setup.ts";
import type { Link } from "../core/engine/handshake.ts";
import { SealwireError } from "../core/model/errors.ts";
import type { Entered, Entrance } from "./entrance.ts";
import type { Events } from "./events.ts";
import type { Hooks } from "./hooks.ts";
import type { ServerConfig } from "./options.ts";
import type { SessionKeeper, Taken } from "./session-keeper.ts";
import { Withdrawals } from "./withdrawal.ts";

/** What those who are connected need of their server. */
export interface ConnectedPeersParts {
  readonly config: ServerConfig;
  readonly clock: Clock;
  readonly events: Events;
  readonly hooks: Hooks;
  readonly entrance: Entrance;
  readonly sessions: SessionKeeper;
  setupOf(dialect: Dialect): ConnectionSetup;
}

/** Everybody who is connected: comes in, goes on over another channel, goes. */
export class ConnectedPeers {
  readonly byId: Map<string, Connection> = new Map();
  readonly withdrawals: Withdrawals = new Withdrawals();
  readonly #parts: ConnectedPeersParts;
  /** Gives the place of a connection free; who has no channel takes none. */
  readonly #leaves = new Map<Connection, () => void>();

  constructor(parts: ConnectedPeersParts) {
    this.#parts = parts;
  }

  /** A greeting has ended well. */
  welcome({ id, link, leave, taken }: Entered): void {
    if (taken) return this.#goOn(taken, link, leave);
    const { config, events, hooks, entrance, sessions } = this.#parts;
    const lasting = sessions.lasting(link, (error) => this.#lost(connection, error));
    const connection = new Connection(id, lasting, this.#parts.setupOf(link.dialect));
    sessions.keep(connection, lasting);
    this.#leaves.set(connection, leave);
    const { remote, dialect, principal: by } = connection;
    config.logger.info({ connection: id, remote, dialect, principal: by?.id }, "connected");
    this.byId.set(id, connection);
    events.join(connection);
    entrance.onFlush(id, () => connection.flush());
    this.withdrawals.watch(connection);
    hooks.connected(connection);
  }

  /** A connection has ended. */
  gone(connection: Connection, error: SealwireError | undefined): void {
    const { config, events, hooks, entrance, sessions } = this.#parts;
    const { id } = connection;
    this.withdrawals.forget(connection);
    this.#leave(connection);
    sessions.forget(connection);
    entrance.forget(id);
    events.leave(connection);
    this.byId.delete(id);
    config.logger.info({ connection: id, code: error?.code }, "disconnected");
    hooks.disconnected(connection, error);
  }

  #lost(connection: Connection, error: SealwireError): void {
    this.#leave(connection);
    const { sessions, events, hooks } = this.#parts;
    sessions.lost(connection, error);
    events.away(connection);
    hooks.wentAway(connection, true);
  }

  #goOn(taken: Taken, link: Link, leave: () => void): void {
    const { sessions, events, hooks } = this.#parts;
    const { connection } = taken.kept;
    if (!sessions.goOn(taken, link)) {
      leave();
      return void link.channel.close(new SealwireError("UNAVAILABLE", "the session has gone on"));
    }
    this.#leaves.set(connection, leave);
    events.back(connection);
    hooks.wentAway(connection, false);
  }

  #leave(connection: Connection): void {
    this.#leaves.get(connection)?.();
    this.#leaves.delete(connection);
  }
}
