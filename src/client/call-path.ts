import type { Clock } from "../core/contracts/clock.ts";
import { type CallArguments, toArguments } from "../core/engine/arguments.ts";
import { type CallOptions, deadlineOf } from "../core/engine/call-options.ts";
import { compose } from "../core/engine/compose.ts";
import type { Connection } from "../core/engine/connection.ts";
import { cancelled, UNSENT } from "../core/engine/outgoing-call.ts";
import { isStream, NO_ITEMS } from "../core/engine/streams.ts";
import type { Call, Handler, Middleware } from "../core/model/call.ts";
import { SealwireError } from "../core/model/errors.ts";
import type { Arguments } from "../core/model/message.ts";
import type { Peer } from "../core/model/peer.ts";
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
      // Calls that wait for each other go to the next connection when this one breaks.
      if (connection.vocabulary.callsInFlight > 1) {
        return connection.call(procedure, args, options);
      }
    }
    return this.#callWithin(procedure, args, options);
  }

  stream(
    procedure: string,
    args?: CallArguments,
    options: CallOptions = {},
  ): AsyncIterableIterator<unknown, undefined> {
    const { connection } = this.#keeper;
    if (connection && this.#middlewares.length === 0 && !options.idempotent) {
      return connection.stream(procedure, args, options);
    }
    return this.#streamWithin(procedure, args, options);
  }

  async #callWithin(
    procedure: string,
    args: CallArguments | undefined,
    options: CallOptions,
  ): Promise<unknown> {
    const within = withMoment(options, this.#clock);
    const waitMs = this.#config.callTimeoutMs;
    if (this.#middlewares.length === 0) return this.#send(procedure, args, within);
    const peer = await this.#ready(within, waitMs);
    const call = callOf(procedure, toArguments(args, within.named), within, peer);
    const send: Handler = (last) =>
      this.#send(last.procedure, last.args.positional, optionsOf(last));
    return compose(this.#middlewares, send)(call);
  }

  async *#streamWithin(
    procedure: string,
    args: CallArguments | undefined,
    options: CallOptions,
  ): AsyncGenerator<unknown, undefined> {
    const within = withMoment(options, this.#clock);
    if (this.#middlewares.length === 0) return yield* this.#streamAgain(procedure, args, within);
    const peer = await this.#ready(within);
    const call = callOf(procedure, toArguments(args, within.named), within, peer);
    const send: Handler = (last) =>
      this.#streamAgain(last.procedure, last.args.positional, optionsOf(last));
    const answer = await compose(this.#middlewares, send)(call);
    if (isStream(answer)) yield* answer;
    else yield answer;
    return undefined;
  }

  /** Sends, and repeats what is idempotent after a break, within budget and deadline. */
  async #send(
    procedure: string,
    args: CallArguments | undefined,
    options: CallOptions,
  ): Promise<unknown> {
    this.#budget.earn();
    for (let repeats = 0; ; repeats++) {
      const connection = await this.#ready(options, this.#config.callTimeoutMs);
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
    this.#budget.earn();
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
    const error = SealwireError.from(thrown);
    if (!connection.ending) return false;
    if (error.type === UNSENT) return true;
    // Items that were streamed once are gone and cannot be streamed again.
    if (!options.idempotent || options.input || repeats >= this.#config.retries) return false;
    if (error.code !== "UNAVAILABLE") return false;
    return this.#budget.spend();
  }

  /**
   * The connection, or the next one. Waiting ends with the call's own deadline or signal, or after
   * `waitMs`, which is only ours and does not travel.
   */
  async #ready(options: CallOptions, waitMs = Number.POSITIVE_INFINITY): Promise<Connection> {
    const { connection } = this.#keeper;
    if (connection) return connection;
    const { signal } = options;
    if (signal?.aborted) throw cancelled(signal);
    const ended = new AbortController();
    const abort = () => ended.abort(signal && cancelled(signal));
    signal?.addEventListener("abort", abort, { once: true });
    const leftMs = deadlineOf(options, waitMs, this.#clock) - this.#clock.now();
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
}

/** A timeout as a moment, which repeating does not put off. */
function withMoment(options: CallOptions, clock: Clock): CallOptions {
  const { timeoutMs: _timeoutMs, ...rest } = options;
  const deadline = deadlineOf(options, Number.POSITIVE_INFINITY, clock);
  return deadline === Number.POSITIVE_INFINITY ? rest : { ...rest, deadline };
}

function callOf(procedure: string, args: Arguments, options: CallOptions, peer: Peer): Call {
  return {
    procedure,
    args,
    peer,
    input: options.input ?? NO_ITEMS,
    meta: options.meta ?? {},
    deadline: options.deadline,
    idempotent: options.idempotent,
    signal: options.signal ?? new AbortController().signal,
  };
}

function optionsOf({ args, meta, signal, deadline, input, idempotent }: Call): CallOptions {
  return {
    meta,
    signal,
    ...(Object.keys(args.named).length > 0 && { named: args.named }),
    ...(deadline !== undefined && { deadline }),
    ...(input !== NO_ITEMS && { input }),
    ...(idempotent && { idempotent }),
  };
}

function stillBroken(): SealwireError {
  return new SealwireError("DEADLINE_EXCEEDED", "the connection did not come back in time");
}
