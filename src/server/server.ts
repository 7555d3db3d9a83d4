import type { CallContext } from "../core/contracts/context.ts";
import type { Delivered, Feature, Host } from "../core/contracts/feature.ts";
import { bound } from "../core/engine/bind.ts";
import { callLog, logsCalls } from "../core/engine/call-log.ts";
import type { Connection } from "../core/engine/connection.ts";
import { NodeSeat } from "../core/engine/node-seat.ts";
import {
  type Exposed,
  type ExposeOptions,
  type Functions,
  Procedures,
} from "../core/engine/procedures.ts";
import { type RegisterAnywhere, registering } from "../core/engine/worker-procedures.ts";
import type { Call, Middleware } from "../core/model/call.ts";
import { SealwireError } from "../core/model/errors.ts";
import { accessTo } from "./access.ts";
import { ConnectedPeers } from "./connected-peers.ts";
import { Entrance } from "./entrance.ts";
import { type BroadcastOptions, type EventOptions, type EventReceiver, Events } from "./events.ts";
import { type ConnectHook, type DisconnectHook, Hooks } from "./hooks.ts";
import { hostFor } from "./host.ts";
import { currentCallIn } from "./in-context.ts";
import { Listeners, type Listening, type Take } from "./listeners.ts";
import {
  type ListenOptions,
  type ServerConfig,
  type ServerOptions,
  type ServerSurroundings,
  serverConfig,
} from "./options.ts";
import { checkPlaintextPort } from "./plaintext.ts";
import { addReserved } from "./reserved.ts";
import { SessionKeeper, type SessionStatistics } from "./session-keeper.ts";
import { Setups } from "./setup.ts";
import { speakersFor } from "./speakers.ts";

/**
 * One registry of procedures, reachable through every dialect and transport it listens on.
 *
 * @example
 * const server = createServer({ authenticator: apiKeys(keys) });
 * server.expose({ add: (a: number, b: number) => a + b });
 * await server.listen("tcp://127.0.0.1:7000");
 */
export class Server {
  /** The options with everything filled in. */
  readonly config: ServerConfig;
  /** Registers one procedure. */
  readonly procedure: RegisterAnywhere;
  readonly #surroundings: ServerSurroundings;
  readonly #procedures = new Procedures(bound);
  readonly #events: Events;
  readonly #hooks: Hooks;
  readonly #host: Host;
  readonly #entrance: Entrance;
  readonly #context: CallContext | undefined;
  readonly #sessions: SessionKeeper;
  readonly #peers: ConnectedPeers;
  readonly #setups: Setups;
  readonly #listeners: Listeners;
  #closed: Promise<void> | undefined;

  /** Use `createServer` of the presets, which brings the platform and the schemes. */
  constructor(options: ServerOptions, surroundings: ServerSurroundings) {
    this.config = serverConfig(options);
    this.#surroundings = surroundings;
    const { clock, context } = surroundings.platform;
    const { logger, authenticator } = this.config;
    this.procedure = registering(this.#procedures, this.config.executor);
    const nodes = new NodeSeat(logger);
    const [{ router }, access] = [this.#procedures, accessTo(clock)];
    this.#events = new Events(this.config, clock, nodes);
    this.#hooks = new Hooks(logger);
    this.#sessions = new SessionKeeper(this.config, clock);
    this.#entrance = new Entrance(this.config, clock, this.#sessions);
    this.#peers = new ConnectedPeers({
      ...{ config: this.config, clock, events: this.#events, hooks: this.#hooks },
      ...{ entrance: this.#entrance, sessions: this.#sessions },
      setupOf: (dialect) => this.#setups.of(dialect),
    });
    if (logsCalls(logger)) this.use(callLog(logger));
    const take: Take = async (channel, speakers, host) => {
      const entered = await this.#entrance.enter(channel, speakers, host);
      // A greeting may end in the very moment in which the server closes.
      if (entered && this.#closed) void entered.link.channel.close().then(entered.leave);
      else if (entered) this.#peers.welcome(entered);
    };
    this.#listeners = new Listeners(logger, take);
    this.#context = this.config.callContext ? context?.() : undefined;
    const shared = { router, events: this.#events, access, context: this.#context };
    const sessions = this.#sessions.hostWith(take, this.#hooks);
    this.#host = hostFor({ ...shared, server: this, hooks: this.#hooks, nodes, sessions });
    this.#setups = new Setups(this.config, surroundings.platform, {
      ...shared,
      judge: (evidence, peer) => this.#entrance.prove(evidence, peer),
      proven: ({ id }, by) => this.#peers.withdrawals.proven(this.connections.get(id), by),
      onClosed: (closed, error) => this.#peers.gone(closed, error),
    });
    addReserved({
      ...shared,
      ...{ authenticator, connections: this.connections },
      proven: (connection) => this.#peers.withdrawals.watch(connection),
    });
  }

  /** All live connections, by id. */
  get connections(): ReadonlyMap<string, Connection> {
    return this.#peers.byId;
  }

  /** How many sessions wait for another channel, went on, were refused. */
  get sessions(): SessionStatistics {
    return this.#sessions.statistics;
  }

  /** Whether it listens somewhere. */
  get isRunning(): boolean {
    return this.#listeners.addresses.length > 0 && this.#closed === undefined;
  }

  /** Where it listens first; `undefined` while it listens nowhere. */
  get address(): URL | undefined {
    return this.#listeners.addresses[0];
  }

  /** The public key by which clients know this server, to be given to them as `pin`. */
  fingerprint(): Promise<string> {
    return this.#surroundings.fingerprint();
  }

  /** Everywhere it listens. */
  get addresses(): readonly URL[] {
    return this.#listeners.addresses;
  }

  /**
   * Makes plain functions callable under their names: positional arguments are spread, named ones
   * come as one last object. @throws `ALREADY_EXISTS` for a name that is taken
   */
  expose<Exposing extends Functions>(
    functions: Exposing,
    options?: ExposeOptions,
  ): Exposed<Exposing> {
    return this.#procedures.expose(functions, options);
  }

  /** Wraps every handler, the first one outermost. */
  use(middleware: Middleware): void {
    this.#procedures.use(middleware);
  }

  /** Adds a feature and returns its handle. */
  install<Handle>(feature: Feature<Handle>): Handle {
    return feature(this.#host);
  }

  /** Says who may watch and send an event; without, all who have proven who they are. */
  event(name: string, options: EventOptions = {}): void {
    this.#events.declare(name, options);
  }

  /** Receives an event that clients send. */
  onEvent(name: string, receive: EventReceiver): void {
    this.#events.onEvent(name, receive);
  }

  /** Is told when a peer has come and proven who it is. */
  onConnect(hook: ConnectHook): void {
    this.#hooks.connect.push(hook);
  }

  /** And when it has gone. */
  onDisconnect(hook: DisconnectHook): void {
    this.#hooks.disconnect.push(hook);
  }

  /** Runs before the first port is opened; what it throws stops the server from listening. */
  onStart(hook: () => void | Promise<void>): void {
    this.#hooks.start.push(hook);
  }

  /** Runs when everything else has ended. */
  onShutdown(hook: () => void | Promise<void>): void {
    this.#hooks.close.push(hook);
  }

  /**
   * Tells all connected peers something that has no answer; on wires with subscriptions those
   * that watch the event. Resolves when every slow one whose policy is `block` took it.
   */
  broadcast(name: string, data?: unknown, options: BroadcastOptions = {}): Promise<Delivered> {
    return this.#events.broadcast(name, data, options);
  }

  /**
   * The call whose handler runs above the caller of this, also below awaits and timers.
   *
   * @throws `UNSUPPORTED` without the option `callContext: true`
   */
  currentCall(): Call | undefined {
    return currentCallIn(this.#context);
  }

  /**
   * Opens a port.
   *
   * @throws `ALREADY_EXISTS` when the address is taken, `INVALID_ARGUMENT` for a scheme nobody
   * knows, `UNAVAILABLE` when the server has been closed
   */
  async listen(at: string | URL, options: ListenOptions = {}): Promise<Listening> {
    const address = new URL(at);
    if (this.#closed) throw new SealwireError("UNAVAILABLE", "this server has been closed");
    const { schemes } = this.#surroundings;
    const { transport, speakers } = await speakersFor(address, options, schemes);
    checkPlaintextPort(this.config, transport, speakers, address.hostname);
    await this.#hooks.started();
    return this.#listeners.open(address, transport, speakers);
  }

  /**
   * Stops taking connections, tells all peers, lets running handlers finish for so long, closes.
   */
  close(options: { readonly drainMs?: number } = {}): Promise<void> {
    this.#closed ??= this.#close(options.drainMs ?? 10_000);
    return this.#closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(drainMs: number): Promise<void> {
    this.#entrance.close(new SealwireError("UNAVAILABLE", "the server is shutting down"));
    await this.#listeners.close();
    await Promise.all([...this.connections.values()].map((each) => each.drain(drainMs)));
    this.#listeners.closeLayers();
    await this.#hooks.closed();
  }
}
