import type { ConnectionState } from "../core/contracts/feature.ts";
import { Connection } from "../core/engine/connection.ts";
import type { ConnectionSetup } from "../core/engine/connection-setup.ts";
import type { Link } from "../core/engine/handshake.ts";
import type { Router } from "../core/engine/router.ts";
import type { Credentials } from "../core/model/credentials.ts";
import { type ErrorCode, SealwireError, UNPROVEN } from "../core/model/errors.ts";
import { pauseMs } from "./backoff.ts";
import { type Dialing, dial } from "./dial.ts";
import { isKeyProblem } from "./trust.ts";

/** What the keeper of a connection tells its client. */
export interface KeeperOwner {
  readonly router: Router;
  opened(connection: Connection): void;
  event(name: string, data: unknown): void;
  state(state: ConnectionState, error: SealwireError | undefined): void;
}

/** Keeps one connection alive: connects, and after a break connects again until it is closed. */
export class ConnectionKeeper {
  readonly #dialing: Dialing;
  readonly #owner: KeeperOwner;
  readonly #closing = new AbortController();
  #connection: Connection | undefined;
  /** All that are still open: beside the one in use those whose server has said goodbye. */
  readonly #open = new Set<Connection>();
  #final: SealwireError | undefined;
  readonly #waiters = new Set<Waiter>();
  readonly #leavingTimers = new Map<Connection, () => void>();
  #wake: (() => void) | undefined;
  #count = 0;
  #attempt = 0;
  /** What the next connection is opened with. */
  credentials: Credentials;

  constructor(dialing: Dialing, owner: KeeperOwner) {
    this.#dialing = dialing;
    this.credentials = dialing.config.credentials;
    this.#owner = owner;
  }

  /** The connection, while it can be used. */
  get connection(): Connection | undefined {
    return this.#connection?.ending ? undefined : this.#connection;
  }

  /** The first try; what fails here is the caller's to see. */
  async open(signal: AbortSignal | undefined): Promise<void> {
    this.#owner.state("connecting", undefined);
    try {
      await this.#connect(signal ? [signal, this.#closing.signal] : [this.#closing.signal]);
    } catch (thrown) {
      const error = SealwireError.from(thrown, "UNAVAILABLE");
      this.#end(error);
      throw error;
    }
  }

  /** Resolves with a usable connection, at once or after the next reconnection. */
  ready(signal?: AbortSignal): Promise<Connection> {
    const { connection } = this;
    if (connection) return Promise.resolve(connection);
    if (this.#final) return Promise.reject(this.#final);
    const { maxWaitingCalls } = this.#dialing.config.limits;
    if (this.#waiters.size >= maxWaitingCalls) return Promise.reject(tooMany(maxWaitingCalls));
    return new Promise((resolve, reject) => {
      const waiter = { resolve, reject };
      const abort = () => {
        this.#waiters.delete(waiter);
        reject(SealwireError.from(signal?.reason, "CANCELLED"));
      };
      this.#waiters.add(waiter);
      signal?.addEventListener("abort", abort, { once: true });
    });
  }

  /** Ends everything; nobody comes back. */
  async close(): Promise<void> {
    const open = [...this.#open];
    this.#end(closedByUs());
    await Promise.all(open.map((connection) => connection.close()));
  }

  async #connect(signals: readonly AbortSignal[]): Promise<void> {
    const current: { connection?: Connection } = {};
    const link = await dial(
      { ...this.#dialing, config: { ...this.#dialing.config, credentials: this.credentials } },
      signals,
      () => current.connection?.flush(),
    );
    if (this.#final) {
      void link.channel.close();
      throw this.#final;
    }
    current.connection = this.#adopt(link);
  }

  #setup(): ConnectionSetup {
    const { config, surroundings } = this.#dialing;
    const { limits, logger, heartbeat, callTimeoutMs } = config;
    const { clock, turn } = surroundings.platform;
    return {
      ...{ clock, turn, limits, logger, heartbeat, callTimeoutMs },
      handlerTimeoutMs: Number.POSITIVE_INFINITY,
      routes: this.#owner.router,
      // What a client exposes, it exposes to the server it chose.
      authorize: () => undefined,
      onEvent: (name, data) => this.#owner.event(name, data),
      onGoodbye: (reason, leaving) => this.#leaving(reason, leaving),
      onClosed: (closed, error) => this.#gone(closed, error),
    };
  }

  #adopt(link: Link): Connection {
    const connection = new Connection(`s${++this.#count}`, link, this.#setup());
    this.#open.add(connection);
    this.#connection = connection;
    this.#owner.opened(connection);
    this.#owner.state("open", undefined);
    for (const waiter of this.#takeWaiters()) waiter.resolve(connection);
    return connection;
  }

  /** The server will close: new calls wait for another connection, running ones may finish. */
  #leaving(reason: string | undefined, connection: Connection): void {
    const error = goodbyeError(reason);
    if (isFinal(error)) {
      this.#end(error);
      void connection.close();
      return;
    }
    this.#lost(connection, error);
    if (connection.ending || this.#leavingTimers.has(connection)) return;
    // A server that says goodbye and stays would gather connections here.
    const { clock } = this.#dialing.surroundings.platform;
    const cancel = clock.after(LEAVE_MS, () => void connection.close());
    this.#leavingTimers.set(connection, cancel);
  }

  #gone(connection: Connection, error: SealwireError | undefined): void {
    this.#open.delete(connection);
    this.#leavingTimers.get(connection)?.();
    this.#leavingTimers.delete(connection);
    this.#lost(connection, error ?? closedByPeer());
  }

  #lost(connection: Connection, error: SealwireError): void {
    if (this.#connection !== connection) return;
    this.#connection = undefined;
    if (this.#final) return;
    const { now } = this.#dialing.surroundings.platform.clock;
    if (now() - connection.since >= STABLE_MS) this.#attempt = 0;
    if (this.#dialing.config.reconnect === false) return this.#end(error);
    this.#owner.state("broken", error);
    void this.#comeBack(error);
  }

  async #comeBack(first: SealwireError): Promise<void> {
    const { config } = this.#dialing;
    let error = first;
    if (config.reconnect === false) return;
    while (this.#attempt < config.reconnect.attempts) {
      const attempt = this.#attempt++;
      await this.#pause(pauseMs(attempt, config.reconnect));
      if (this.#final || this.#connection) return;
      try {
        this.#owner.state("connecting", error);
        return await this.#connect([this.#closing.signal]);
      } catch (thrown) {
        error = SealwireError.from(thrown, "UNAVAILABLE");
        config.logger.warn({ code: error.code, attempt }, `reconnecting failed: ${error.message}`);
        if (isFinal(error)) return this.#end(error);
        if (!this.#final) this.#owner.state("broken", error);
      }
    }
    this.#end(error);
  }

  /** A client that waits to come back is as open as one that is connected. */
  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#dialing.surroundings.platform.clock.after(ms, resolve, true);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }

  #takeWaiters(): readonly Waiter[] {
    const waiters = [...this.#waiters];
    this.#waiters.clear();
    return waiters;
  }

  #end(error: SealwireError): void {
    if (this.#final) return;
    this.#final = error;
    this.#connection = undefined;
    this.#closing.abort(error);
    this.#wake?.();
    for (const waiter of this.#takeWaiters()) waiter.reject(error);
    this.#owner.state("closed", error);
  }
}

/** A connection that lasted so long ends a row of failures. */
const STABLE_MS = 5_000;
/** How long calls that run may take to end after the server has said goodbye. */
const LEAVE_MS = 60_000;

interface Waiter {
  resolve(connection: Connection): void;
  reject(error: SealwireError): void;
}

const FINAL: ReadonlySet<ErrorCode> = new Set([
  "UNAUTHENTICATED",
  "PERMISSION_DENIED",
  "INVALID_ARGUMENT",
  "UNSUPPORTED",
]);

/** Whether trying again would not help. What nobody has proven to say is never final. */
export function isFinal(error: SealwireError): boolean {
  if (error.details === UNPROVEN) return false;
  return FINAL.has(error.code) || isKeyProblem(error);
}

/** A goodbye reads `CODE: sentence`. */
function goodbyeError(reason = ""): SealwireError {
  const [code = "", ...rest] = reason.split(": ");
  const known: ErrorCode =
    code === "UNAUTHENTICATED" || code === "PERMISSION_DENIED" ? code : "UNAVAILABLE";
  return new SealwireError(known, `the server says goodbye: ${rest.join(": ") || "no reason"}`);
}

function tooMany(waiting: number): SealwireError {
  const message = `${waiting} calls are open or waiting; wait for some`;
  return new SealwireError("RATE_LIMITED", message);
}

function closedByUs(): SealwireError {
  return new SealwireError("UNAVAILABLE", "this client has been closed");
}

function closedByPeer(): SealwireError {
  return new SealwireError("UNAVAILABLE", "the server has closed the connection");
}
