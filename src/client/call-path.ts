import type { Clock } from "../core/contracts/clock.ts";
import { type CallArguments, toArguments } from "../core/engine/arguments.ts";
import { compose } from "../core/engine/compose.ts";
import type { Connection } from "../core/engine/connection.ts";
import type { CallOptions } from "../core/engine/call-options.ts";
import { NO_ITEMS } from "../core/engine/streams.ts";
import type { Call, Middleware } from "../core/model/call.ts";
import { SealwireError } from "../core/model/errors.ts";
import type { ClientConfig } from "./options.ts";
import type { ConnectionKeeper } from "./reconnect.ts";
import { RetryBudget } from "./retry-budget.ts";

/** The way of a call from the application to the wire: middleware, waiting, repeating. */
export class CallPath {
  readonly #keeper: ConnectionKeeper;
  readonly #config: ClientConfig;
  readonly #clock: Clock;
  readonly #budget = new RetryBudget();
  readonly #middlewares: Middleware[] = [];

  constructor(keeper: ConnectionKeeper, config: ClientConfig, clock: Clock) {
    this.#keeper = keeper;
    this.#config = config;
    this.#clock = clock;
  }

  use(middleware: Middleware): void {
    this.#middlewares.push(middleware);
  }

  call(procedure: string, args?: CallArguments, options: CallOptions = {}): Promise<unknown> {
    const { connection } = this.#keeper;
    // The short way, for the many small calls to which nothing special applies.
    if (connection && this.#middlewares.length === 0 && !options.idempotent) {
      return connection.call(procedure, args, options);
    }
    const within = { ...options, deadline: this.#deadlineOf(options) };
    if (this.#middlewares.length === 0) return this.#send(procedure, args, within);
    return this.#throughMiddlewares(procedure, args, within);
  }

  stream(
    procedure: string,
    args?: CallArguments,
    options: CallOptions = {},
  ): AsyncIterableIterator<unknown, undefined> {
    const { connection } = this.#keeper;
    if (connection && !options.idempotent) return connection.stream(procedure, args, options);
    return this.#streamAgain(procedure, args, options);
  }

  async #throughMiddlewares(
    procedure: string,
    args: CallArguments | undefined,
    options: CallOptions,
  ): Promise<unknown> {
    const peer = await this.#ready(options);
    const call: Call = {
      procedure,
      args: toArguments(args),
      input: options.input ?? NO_ITEMS,
      meta: options.meta ?? {},
      peer,
      deadline: options.deadline,
      idempotent: options.idempotent,
      signal: options.signal ?? new AbortController().signal,
    };
    const send = (last: Call) =>
      this.#send(last.procedure, argumentsOf(last), optionsOf(last, options));
    return compose(this.#middlewares, send)(call);
  }

  /** Sends, and repeats what is idempotent after a break, within budget and deadline. */
  async #send(
    procedure: string,
    args: CallArguments | undefined,
    options: CallOptions,
  ): Promise<unknown> {
    this.#budget.earn();
    for (let repeats = 0; ; repeats++) {
      const connection = await this.#ready(options);
      try {
        return await connection.call(procedure, args, options);
      } catch (thrown) {
        if (!this.#mayRepeat(thrown, connection, options, repeats)) throw thrown;
      }
    }
  }

  async *#streamAgain(
    procedure: string,
    args: CallArguments | undefined,
    options: CallOptions,
  ): AsyncGenerator<unknown, undefined> {
    for (let repeats = 0; ; repeats++) {
      const connection = await this.#ready(options);
      try {
        yield* connection.stream(procedure, args, options);
        return undefined;
      } catch (thrown) {
        if (!this.#mayRepeat(thrown, connection, options, repeats)) throw thrown;
      }
    }
  }

  /** Only what failed because its connection broke; an `UNAVAILABLE` of the handler is an answer. */
  #mayRepeat(
    thrown: unknown,
    connection: Connection,
    options: CallOptions,
    repeats: number,
  ): boolean {
    if (!options.idempotent || repeats >= this.#config.retries) return false;
    if (!connection.ending || SealwireError.from(thrown).code !== "UNAVAILABLE") return false;
    return this.#budget.spend();
  }

  /** The connection, or the next one; waiting ends with the call's own deadline or signal. */
  async #ready({ signal, deadline }: CallOptions): Promise<Connection> {
    const { connection } = this.#keeper;
    if (connection) return connection;
    const ended = new AbortController();
    const abort = () => ended.abort(signal?.reason);
    signal?.addEventListener("abort", abort, { once: true });
    const leftMs = (deadline ?? Number.POSITIVE_INFINITY) - this.#clock.now();
    const cancel = Number.isFinite(leftMs)
      ? this.#clock.after(Math.max(0, leftMs), () => ended.abort(stillBroken()))
      : () => {};
    try {
      return await this.#keeper.ready(ended.signal);
    } finally {
      cancel();
      signal?.removeEventListener("abort", abort);
    }
  }

  #deadlineOf({ timeoutMs, deadline }: CallOptions): number {
    const latest = this.#clock.now() + (timeoutMs ?? this.#config.callTimeoutMs);
    return Math.min(latest, deadline ?? Number.POSITIVE_INFINITY);
  }
}

function argumentsOf({ args }: Call): CallArguments {
  return Object.keys(args.named).length > 0 ? args.named : args.positional;
}

function optionsOf(call: Call, { timeoutMs, input }: CallOptions): CallOptions {
  return {
    meta: call.meta,
    signal: call.signal,
    ...(call.deadline !== undefined && { deadline: call.deadline }),
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(input && { input }),
    ...(call.idempotent && { idempotent: true }),
  };
}

function stillBroken(): SealwireError {
  return new SealwireError("DEADLINE_EXCEEDED", "the connection did not come back in time");
}
