import type { Session } from "../core/contracts/dialect.ts";
import type { ConnectionState } from "../core/contracts/feature.ts";
import { Connection } from "../core/engine/connection.ts";
import type { ConnectionSetup } from "../core/engine/connection-setup.ts";
import { Gate } from "../core/engine/gate.ts";
import type { Link } from "../core/engine/handshake.ts";
import type { Credentials } from "../core/model/credentials.ts";
import { SealwireError } from "../core/model/errors.ts";
import { type Dialing, dial } from "./dial.ts";
import type { Keeper, KeeperOwner } from "./keeper.ts";
import { isKeyProblem } from "./trust.ts";
import type { WayBack } from "./way-back.ts";

/** Keeps one connection alive: connects, and after a break connects again until it is closed. */
export class ConnectionKeeper implements Keeper {
  /** As `Keeper` has all that is not private. */
  readonly dialing: Dialing;
  readonly owner: KeeperOwner;
  readonly #closing = new AbortController();
  #connection: Connection | undefined;
  /** All that are still open: beside the one in use those whose server has said goodbye. */
  readonly #open = new Set<Connection>();
  readonly gate = (): Gate => new Gate();
  readonly hopeless: Keeper["hopeless"] = isKeyProblem;
  final: SealwireError | undefined;
  #wayBack: WayBack | undefined;
  #count = 0;
  /** What the next connection is opened with. */
  credentials: Credentials;

  constructor(dialing: Dialing, owner: KeeperOwner) {
    this.dialing = dialing;
    this.credentials = dialing.config.credentials;
    this.owner = owner;
  }

  /** The connection, while it can be used. */
  get connection(): Connection | undefined {
    return this.#connection?.ending ? undefined : this.#connection;
  }

  /** The first try; what fails here is the caller's to see. */
  async open(signal: AbortSignal | undefined): Promise<void> {
    this.#tell("connecting", undefined);
    try {
      await this.connect(signal);
    } catch (thrown) {
      const error = SealwireError.from(thrown, "UNAVAILABLE");
      this.end(error);
      throw error;
    }
  }

  /** Resolves with a usable connection, at once or after the next reconnection. */
  async ready(signal?: AbortSignal): Promise<Connection> {
    return this.connection ?? (await this.#load()).wait(signal);
  }

  /** Ends everything; nobody comes back. */
  async close(): Promise<void> {
    const open = [...this.#open];
    this.end(closed("this client"));
    await Promise.all(open.map((connection) => connection.close()));
  }

  async connect(signal?: AbortSignal, at: Dialing = this.dialing): Promise<void> {
    const signals = signal ? [signal, this.#closing.signal] : [this.#closing.signal];
    const current: { connection?: Connection } = {};
    const dialing = {
      ...at,
      config: { ...at.config, credentials: this.credentials },
    };
    // Now, because after a break there may be nowhere to load it from.
    const wayBack = await this.#load();
    const link = await dial(dialing, signals, () => current.connection?.flush());
    if (this.final) {
      void link.channel.close();
      throw this.final;
    }
    current.connection = this.#adopt(wayBack.lasting(link, () => current.connection));
  }

  async #load(): Promise<WayBack> {
    if (this.#wayBack) return this.#wayBack;
    const { WayBack: Way } = await import("./way-back.ts");
    this.#wayBack ??= new Way(this);
    return this.#wayBack;
  }

  #setup(): ConnectionSetup {
    const { config, surroundings } = this.dialing;
    const { limits, logger, heartbeat, callTimeoutMs } = config;
    const { clock, turn } = surroundings.platform;
    return {
      ...{ clock, turn, limits, logger, heartbeat, callTimeoutMs },
      handlerTimeoutMs: Number.POSITIVE_INFINITY,
      routes: this.owner.router,
      // What a client exposes, it exposes to the server it chose.
      authorize: () => undefined,
      onEvent: (name, data) => this.owner.event(name, data),
      onGoodbye: (reason, leaving) => this.#wayBack?.leaving(reason, leaving),
      onClosed: (closed, error) => this.#gone(closed, error),
    };
  }

  dial(session: Session, at: Dialing): Promise<Link> {
    // The session knows its connection already.
    return dial(at, [this.#closing.signal], () => {}, session);
  }

  #tell(state: ConnectionState, error: SealwireError | undefined): void {
    this.owner.state(state, error, false);
    this.owner.featureState(state);
  }

  #adopt(link: Link): Connection {
    const connection = new Connection(`s${++this.#count}`, link, this.#setup());
    this.#open.add(connection);
    this.owner.opened(connection);
    this.use(connection, false);
    return connection;
  }

  use(connection: Connection, recovered: boolean): void {
    this.#connection = connection;
    this.owner.state("open", undefined, recovered);
    if (!recovered) this.owner.featureState("open");
    this.#wayBack?.used(connection);
  }

  #gone(connection: Connection, error: SealwireError | undefined): void {
    this.#open.delete(connection);
    this.#wayBack?.gone(connection);
    this.lost(connection, error ?? closed("the connection"));
  }

  lost(connection: Connection | undefined, error: SealwireError): void {
    if (!connection || this.#connection !== connection) return;
    this.#connection = undefined;
    if (this.final) return;
    if (this.dialing.config.reconnect === false) return this.end(error);
    this.#wayBack?.begin(connection, error);
  }

  end(error: SealwireError): void {
    if (this.final) return;
    this.final = error;
    this.#connection = undefined;
    this.#closing.abort(error);
    this.#wayBack?.close(error);
    this.#tell("closed", error);
  }
}

function closed(what: string): SealwireError {
  return new SealwireError("UNAVAILABLE", `${what} has been closed`);
}
