import type { Msg, NatsConnection, PublishOptions, Subscription } from "@nats-io/transport-node";
import { type Logger, SILENT } from "../../core/contracts/logger.ts";
import { guardedLogger } from "../../core/engine/guarded-logger.ts";
import { tell } from "../../core/engine/tell.ts";
import type { SealwireError } from "../../core/model/errors.ts";
import { engineError, engineGone, hasClosed } from "./engine-error.ts";
import type { NatsModules } from "./load-nats.ts";
import type { NatsOptions, NatsTarget } from "./options.ts";

/** Between tries to reach the engine, with as much again by chance: nodes must not come at once. */
const RETRY_MS = 250;
/** An engine that is silent for about three of these is gone. */
const PING_INTERVAL_MS = 5_000;
/** How long what was published may take to leave when a node closes. */
const FAREWELL_MS = 2_000;

/** One connection to the engine, which comes back by itself. */
export class NatsLink {
  readonly description: string;
  readonly logger: Logger;
  readonly connection: NatsConnection;
  readonly #hooks: ((reachable: boolean) => void)[] = [];
  readonly #waiting = new Set<(error: SealwireError) => void>();
  readonly #losses: ((error: SealwireError) => void)[] = [];
  #returning: { resolve(): void; reject(error: SealwireError): void }[] = [];
  #outgoing: (() => void)[] = [];
  #flushing: Promise<void> | undefined;
  #reachable = true;
  #closed = false;

  /** @throws `UNAVAILABLE` when nobody answers in time */
  static async open(
    { transport }: NatsModules,
    options: NatsOptions,
    target: NatsTarget,
  ): Promise<NatsLink> {
    const description = `NATS at ${target.hosts.join(", ")}`;
    const giveUpAt = performance.now() + target.connectTimeoutMs;
    for (;;) {
      try {
        const connection = await transport.connect(connectOptions(options, target));
        return new NatsLink(description, connection, guardedLogger(options.logger ?? SILENT));
      } catch (cause) {
        const left = giveUpAt - performance.now();
        if (left <= RETRY_MS) throw engineError(`cannot reach ${description}`, cause);
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  private constructor(description: string, connection: NatsConnection, logger: Logger) {
    this.description = description;
    this.connection = connection;
    this.logger = logger;
    void this.#follow();
  }

  get closed(): boolean {
    return this.#closed;
  }

  get reachable(): boolean {
    return this.#reachable && !this.#closed;
  }

  /** The longest payload that the engine takes. */
  get maxPayloadBytes(): number {
    return this.connection.info?.max_payload ?? 1_048_576;
  }

  /** @throws `UNAVAILABLE` while the engine is gone, and after the end */
  checkThere(): void {
    if (this.#closed) throw hasClosed(this.description);
    if (!this.#reachable) throw engineGone(this.description);
  }

  onReachable(tellOf: (reachable: boolean) => void): void {
    this.#hooks.push(tellOf);
  }

  /** Tells why what waits for the engine waits in vain, at each loss and at the end. */
  onLost(tellOf: (error: SealwireError) => void): void {
    this.#losses.push(tellOf);
  }

  /** Resolves when the engine is there, now or later. @throws `UNAVAILABLE` after the end */
  backAgain(): Promise<void> {
    if (this.#reachable) return Promise.resolve();
    return new Promise((resolve, reject) => this.#returning.push({ resolve, reject }));
  }

  /** As the promise; rejects with `UNAVAILABLE` when the engine is lost before. */
  whileThere<Result>(promise: Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.add(reject);
      promise.then(resolve, reject).finally(() => this.#waiting.delete(reject));
      if (!this.#reachable) reject(engineGone(this.description));
    });
  }

  /**
   * Publishes at the end of this turn, in order with everything else: each write to the socket costs
   * more than what is written.
   */
  publish(address: string, payload: Uint8Array, options: PublishOptions = {}): void {
    if (this.#outgoing.length === 0) setImmediate(() => this.#send());
    this.#outgoing.push(() => this.connection.publish(address, payload, options));
  }

  /** Resolves when the engine has all that was published so far. */
  flushed(): Promise<void> {
    // What is published in one turn needs one answer.
    this.#flushing ??= Promise.resolve().then(() => {
      this.#flushing = undefined;
      this.#send();
      return this.connection.flush();
    });
    return this.whileThere(this.#flushing).catch((cause: unknown) => {
      throw this.#closed ? hasClosed(this.description) : engineError(this.description, cause);
    });
  }

  /** What `take` throws changes nothing: within the library it would end the connection. */
  subscribe(subject: string, take: (message: Msg) => void, group?: string): Subscription {
    return this.connection.subscribe(subject, {
      ...(group !== undefined && { queue: group }),
      callback: (error, message) => {
        if (error) this.logger.error({ err: error }, `${this.description} refuses a subscription`);
        else tell(this.logger, {}, () => take(message));
      },
    });
  }

  /** Subscriptions end, and what was published leaves first. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#reachable) await inTime(this.#leave(), FAREWELL_MS);
    this.#failAll(hasClosed(this.description));
    for (const { reject } of this.#returning.splice(0)) reject(hasClosed(this.description));
    await this.connection.close();
  }

  #send(): void {
    // What cannot be published any more fails with the connection, for those who wait.
    for (const publish of this.#outgoing.splice(0)) tell(this.logger, {}, publish);
  }

  async #leave(): Promise<void> {
    await this.flushed();
    await this.connection.drain();
  }

  async #follow(): Promise<void> {
    for await (const status of this.connection.status()) {
      if (status.type === "disconnect") this.#turn(false);
      else if (status.type === "reconnect") void this.#back();
      else if (status.type === "error") {
        this.logger.error({ err: status.error }, `${this.description} reports an error`);
      }
    }
  }

  /** Not before the engine knows all subscriptions again: what is said then must be heard. */
  async #back(): Promise<void> {
    try {
      await this.connection.flush();
      this.#turn(true);
    } catch {
      // Lost again; the next return is told of.
    }
  }

  #turn(reachable: boolean): void {
    if (this.#closed || reachable === this.#reachable) return;
    this.#reachable = reachable;
    if (reachable) this.logger.info({}, `${this.description} is back`);
    else this.logger.error({}, `${this.description} is gone; it is tried again and again`);
    if (!reachable) this.#failAll(engineGone(this.description));
    else for (const { resolve } of this.#returning.splice(0)) resolve();
    for (const hook of this.#hooks) tell(this.logger, {}, () => hook(reachable));
  }

  #failAll(error: SealwireError): void {
    for (const fail of [...this.#waiting]) fail(error);
    this.#waiting.clear();
    for (const lost of this.#losses) lost(error);
  }
}

function connectOptions(options: NatsOptions, target: NatsTarget): ConnectOptions {
  const { user, password } = target;
  return {
    servers: [...target.hosts],
    name: "sealwire",
    timeout: target.connectTimeoutMs,
    ...(user !== undefined && { user }),
    ...(password !== undefined && { pass: password }),
    ...(options.token !== undefined && { token: options.token }),
    ...((target.encrypted || options.tls) && { tls: { ...options.tls } }),
    maxReconnectAttempts: -1,
    // A server whose accounts are being changed refuses for a while.
    ignoreAuthErrorAbort: true,
    reconnectDelayHandler: () => RETRY_MS * (1 + Math.random()),
    pingInterval: PING_INTERVAL_MS,
    maxPingOut: 2,
    // A stack for each request costs more than the request.
    noAsyncTraces: true,
  };
}

type ConnectOptions = Parameters<NatsModules["transport"]["connect"]>[0];

/** Resolves with the promise, however it ends, or when the time is over. */
function inTime(promise: Promise<unknown>, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    const done = (): void => {
      clearTimeout(timer);
      resolve();
    };
    promise.then(done, done);
  });
}
