import type { ConnectionState } from "../core/contracts/feature.ts";
import { Connection } from "../core/engine/connection.ts";
import type { Link } from "../core/engine/handshake.ts";
import type { Router } from "../core/engine/router.ts";
import type { Credentials } from "../core/model/credentials.ts";
import { type ErrorCode, SealwireError } from "../core/model/errors.ts";
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
  #final: SealwireError | undefined;
  #waiters: Waiter[] = [];
  #wake: (() => void) | undefined;
  #count = 0;
  /** What the next connection is opened with. */
  credentials: Credentials;

  constructor(dialing: Dialing, owner: KeeperOwner) {
    this.#dialing = dialing;
    this.credentials = dialing.config.credentials;
    this.#owner = owner;
  }

  /** The connection, while it can be used. */
  get connection(): Connection | undefined {
    return this.#connection;
  }

  /** The first try; what fails here is the caller's to see. */
  async open(signal: AbortSignal | undefined): Promise<void> {
    this.#owner.state("connecting", undefined);
    await this.#connect(signal);
  }

  /** Resolves with a usable connection, at once or after the next reconnection. */
  ready(signal?: AbortSignal): Promise<Connection> {
    if (this.#connection) return Promise.resolve(this.#connection);
    if (this.#final) return Promise.reject(this.#final);
    return new Promise((resolve, reject) => {
      const waiter = { resolve, reject };
      this.#waiters.push(waiter);
      signal?.addEventListener(
        "abort",
        () => {
          this.#waiters = this.#waiters.filter((other) => other !== waiter);
          reject(SealwireError.from(signal.reason, "CANCELLED"));
        },
        { once: true },
      );
    });
  }

  /** Ends everything; nobody comes back. */
  async close(): Promise<void> {
    const connection = this.#connection;
    this.#end(closedByUs());
    await connection?.close();
  }

  async #connect(signal: AbortSignal | undefined): Promise<void> {
    const current: { connection?: Connection } = {};
    const link = await dial(
      { ...this.#dialing, config: { ...this.#dialing.config, credentials: this.credentials } },
      signal,
      () => current.connection?.flush(),
    );
    if (this.#final) {
      void link.channel.close();
      throw this.#final;
    }
    current.connection = this.#adopt(link);
  }

  #adopt(link: Link): Connection {
    const { config, surroundings } = this.#dialing;
    const { limits, logger, heartbeat, callTimeoutMs } = config;
    const connection = new Connection({
      ...surroundings.platform,
      ...{ link, limits, logger, heartbeat, callTimeoutMs },
      id: `s${++this.#count}`,
      context: undefined,
      handlerTimeoutMs: Number.POSITIVE_INFINITY,
      router: this.#owner.router,
      // What a client exposes, it exposes to the server it chose.
      authorize: () => undefined,
      onEvent: (name, data) => this.#owner.event(name, data),
      onGoodbye: (reason, leaving) => this.#leaving(reason, leaving),
      onClosed: (closed, error) => this.#lost(closed, error),
    });
    this.#connection = connection;
    this.#owner.opened(connection);
    this.#owner.state("open", undefined);
    for (const waiter of this.#waiters.splice(0)) waiter.resolve(connection);
    return connection;
  }

  /** The server will close: new calls wait for another connection, running ones may finish. */
  #leaving(reason: string | undefined, connection: Connection): void {
    const error = goodbyeError(reason);
    if (isFinal(error)) this.#end(error);
    else this.#lost(connection, error);
  }

  #lost(connection: Connection, error: SealwireError | undefined): void {
    if (this.#connection !== connection) return;
    this.#connection = undefined;
    if (this.#final) return;
    if (this.#dialing.config.reconnect === false) return this.#end(error ?? closedByPeer());
    this.#owner.state("broken", error);
    void this.#comeBack(error ?? closedByPeer());
  }

  async #comeBack(first: SealwireError): Promise<void> {
    const { config } = this.#dialing;
    let error = first;
    if (config.reconnect === false) return;
    for (let attempt = 0; attempt < config.reconnect.attempts; attempt++) {
      await this.#pause(pauseMs(attempt, config.reconnect));
      if (this.#final || this.#connection) return;
      try {
        this.#owner.state("connecting", error);
        return await this.#connect(this.#closing.signal);
      } catch (thrown) {
        error = SealwireError.from(thrown, "UNAVAILABLE");
        config.logger.warn({ code: error.code, attempt }, `reconnecting failed: ${error.message}`);
        if (isFinal(error)) return this.#end(error);
        if (!this.#final) this.#owner.state("broken", error);
      }
    }
    this.#end(error);
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#dialing.surroundings.platform.clock.after(ms, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }

  #end(error: SealwireError): void {
    if (this.#final) return;
    this.#final = error;
    this.#connection = undefined;
    this.#closing.abort(error);
    this.#wake?.();
    for (const waiter of this.#waiters.splice(0)) waiter.reject(error);
    this.#owner.state("closed", error);
  }
}

interface Waiter {
  resolve(connection: Connection): void;
  reject(error: SealwireError): void;
}

/** Trying again would not help. */
const FINAL: ReadonlySet<ErrorCode> = new Set([
  "UNAUTHENTICATED",
  "PERMISSION_DENIED",
  "INVALID_ARGUMENT",
  "UNSUPPORTED",
]);

function isFinal(error: SealwireError): boolean {
  return FINAL.has(error.code) || isKeyProblem(error);
}

/** A goodbye reads `CODE: sentence`. */
function goodbyeError(reason = ""): SealwireError {
  const [code = "", ...rest] = reason.split(": ");
  const known: ErrorCode =
    code === "UNAUTHENTICATED" || code === "PERMISSION_DENIED" ? code : "UNAVAILABLE";
  return new SealwireError(known, `the server says goodbye: ${rest.join(": ") || "no reason"}`);
}

function closedByUs(): SealwireError {
  return new SealwireError("UNAVAILABLE", "this client has been closed");
}

function closedByPeer(): SealwireError {
  return new SealwireError("UNAVAILABLE", "the server has closed the connection");
}
