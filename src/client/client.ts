import type { ClientFeature, ClientHost, ConnectionState } from "../core/contracts/feature.ts";
import type { CallArguments } from "../core/engine/arguments.ts";
import type { CallOptions } from "../core/engine/call-options.ts";
import type { Connection } from "../core/engine/connection.ts";
import {
  type Exposed,
  type Functions,
  Procedures,
  type RegisterProcedure,
} from "../core/engine/procedures.ts";
import { tell } from "../core/engine/tell.ts";
import type { Middleware } from "../core/model/call.ts";
import { SealwireError } from "../core/model/errors.ts";
import { type Remote, remoteApi } from "./api.ts";
import { bindLater } from "./bind-later.ts";
import { CallPath } from "./call-path.ts";
import { dialingFor } from "./dial.ts";
import {
  EventReceivers,
  type EventSubscription,
  type Receive,
  type WatchOptions,
} from "./event-receivers.ts";
import type { ClientConfig, ClientOptions, ClientSurroundings } from "./options.ts";
import { ConnectionKeeper } from "./reconnect.ts";

/**
 * Is told where the client stands; `error` says why a connection broke or will not come back.
 * `recovered`, with `open`: the session went on, and nothing is lost or repeated.
 */
export type StateHook = (
  state: ConnectionState,
  error: SealwireError | undefined,
  recovered: boolean,
) => void;

/**
 * A server, seen from here. Comes back by itself after a break: calls that were not sent yet wait,
 * calls in flight fail with `UNAVAILABLE` unless they are idempotent, events are watched again.
 */
export class Client {
  readonly #config: ClientConfig;
  readonly #keeper: ConnectionKeeper;
  readonly #procedures = new Procedures(bindLater);
  readonly #events: EventReceivers;
  readonly #path: CallPath;
  readonly #stateHooks: StateHook[] = [];
  readonly #closeHooks: (() => Promise<void>)[] = [];
  readonly #featureHooks: ((state: ConnectionState) => void)[] = [];
  #state: ConnectionState = "connecting";
  #closed: Promise<void> | undefined;
  /** Registers one procedure that the server may call. */
  readonly procedure: RegisterProcedure;

  /** Use `connect`, which opens it. */
  constructor(address: URL, options: ClientOptions, surroundings: ClientSurroundings) {
    const dialing = dialingFor(address, options, surroundings);
    this.#config = dialing.config;
    this.procedure = this.#procedures.procedure;
    this.#keeper = new ConnectionKeeper(dialing, {
      router: this.#procedures.router,
      opened: (connection) => this.#events.renew(connection),
      event: (name, data) => this.#events.receive(name, data),
      state: (state, error, recovered) => this.#changed(state, error, recovered),
      featureState: (state) => {
        for (const hook of this.#featureHooks)
          tell(this.#config.logger, { state }, () => hook(state));
      },
    });
    this.#events = new EventReceivers(this.#keeper, this.#config.logger);
    this.#path = new CallPath(this.#keeper, this.#config, surroundings.platform.clock);
  }

  /** Where this client stands. */
  get state(): ConnectionState {
    return this.#state;
  }

  /** The live connection, with statistics and what the server says of itself. */
  get connection(): Connection | undefined {
    return this.#keeper.connection;
  }

  /** Connects for the first time. @throws why it did not work */
  async open(signal?: AbortSignal): Promise<void> {
    try {
      await this.#keeper.open(signal);
    } catch (thrown) {
      await this.close();
      throw thrown;
    }
  }

  /**
   * Calls a procedure: an array of arguments by position, an object by name. Resolves with an
   * async iterable if the handler streams. Values are read at the end of the turn.
   *
   * @throws the handler's error with its code; `UNAUTHENTICATED`, `NOT_FOUND`,
   * `DEADLINE_EXCEEDED`, `CANCELLED`, `UNAVAILABLE`
   */
  call(procedure: string, args?: CallArguments, options?: CallOptions): Promise<unknown> {
    return this.#path.call(procedure, args, options);
  }

  /**
   * Calls a procedure whose answer is a stream; leaving the loop cancels the call. With
   * `idempotent` a broken stream is asked for again from its start.
   */
  stream(
    procedure: string,
    args?: CallArguments,
    options?: CallOptions,
  ): AsyncIterableIterator<unknown, undefined> {
    return this.#path.stream(procedure, args, options);
  }

  /** The procedures of a contract as functions. @example client.api<Api>().add(2, 3) */
  api<Api>(): Remote<Api> {
    return remoteApi<Api>(this);
  }

  /** Tells the server something that has no answer. */
  async emit(name: string, data?: unknown): Promise<void> {
    const connection = await this.#keeper.ready();
    await connection.emit(name, data);
  }

  /** Receives the events of one name, after a reconnection too. */
  onEvent(name: string, receive: Receive, options: WatchOptions = {}): EventSubscription {
    return this.#events.add(name, receive, options);
  }

  /** Makes plain functions callable by the server. */
  expose<Exposing extends Functions>(functions: Exposing): Exposed<Exposing> {
    return this.#procedures.expose(functions);
  }

  /** Wraps every call that goes out, the first one outermost. */
  use(middleware: Middleware): void {
    this.#path.use(middleware);
  }

  /** Adds a feature and returns its handle. */
  install<Handle>(feature: ClientFeature<Handle>): Handle {
    return feature(this.#host());
  }

  /** Is told whenever the connection opens, breaks or ends. */
  onState(hook: StateHook): void {
    this.#stateHooks.push(hook);
  }

  /**
   * Resolves with the milliseconds that a round trip took; "no such procedure" is an answer too,
   * on wires that know no ping. @throws as `call`
   */
  async ping(options?: CallOptions): Promise<number> {
    const began = performance.now();
    try {
      await this.call("$ping", [], options);
    } catch (thrown) {
      if (SealwireError.from(thrown).code !== "NOT_FOUND") throw thrown;
    }
    return performance.now() - began;
  }

  /**
   * Proves anew who we are on the live connection, before a token expires or with more scopes.
   *
   * @throws `UNAUTHENTICATED` when the token is refused, `PERMISSION_DENIED` for somebody else's
   */
  async authenticate(token: string): Promise<void> {
    await this.call("$authenticate", [token]);
    this.#keeper.credentials = { scheme: "token", token };
  }

  /** Ends it in order; nobody comes back. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(): Promise<void> {
    await this.#keeper.close();
    for (const release of this.#closeHooks.splice(0)) await release();
  }

  #changed(state: ConnectionState, error: SealwireError | undefined, recovered: boolean): void {
    this.#state = state;
    this.#config.logger.debug({ state, code: error?.code }, "connection");
    for (const hook of this.#stateHooks) {
      tell(this.#config.logger, { state }, () => hook(state, error, recovered));
    }
  }

  #host(): ClientHost {
    return {
      call: (procedure, { positional, named }, options) =>
        this.call(procedure, positional, { ...options, named }),
      emit: (name, data) => this.emit(name, data),
      use: (middleware) => this.use(middleware),
      onEvent: (name, receive) => {
        this.onEvent(name, (data) => {
          const peer = this.#keeper.connection;
          return peer && receive(data, peer);
        });
      },
      onState: (hook) => void this.#featureHooks.push(hook),
      onClose: (release) => void this.#closeHooks.push(release),
    };
  }
}
