import { type Failure, SealwireError } from "../model/errors.ts";
import type { CallId, CallMessage, Message } from "../model/message.ts";
import { CallTable } from "./call-table.ts";
import type { ConnectionPort } from "./connection-port.ts";
import { Deadlines } from "./deadlines.ts";
import { failureOf } from "./failure.ts";
import { IncomingCall } from "./incoming-call.ts";
import { doubled, late, noStreams, tooMany, unknown } from "./incoming-refusals.ts";
import { discard, ItemPump } from "./item-pump.ts";
import type { Route } from "./router.ts";
import { ItemQueue, isStream, STREAM_WINDOW } from "./streams.ts";
import { isThenable } from "./thenable.ts";

/** Calls we serve: each is answered exactly once, with a result, an error or the end of a stream. */
export class IncomingCalls {
  readonly #port: ConnectionPort;
  readonly #open = new CallTable<IncomingCall>();
  readonly #deadlines: Deadlines;
  #failures = 0;
  #closed: SealwireError | undefined;

  constructor(port: ConnectionPort) {
    this.#port = port;
    this.#deadlines = new Deadlines(port.setup.clock, this);
  }

  /** How many handlers run. */
  get size(): number {
    return this.#open.size;
  }

  /** A call has come. Handlers that answer at once are never registered as open. */
  receive(message: CallMessage): void {
    const { id, settled } = message;
    if (settled) return this.#settle(id, settled);
    if (this.#open.has(id)) throw doubled(id);
    const route = this.#port.setup.routes.find(message.procedure);
    const refusal = this.#refusal(route, message);
    if (refusal || !route) return this.#fail(id, refusal ?? unknown(message.procedure));
    const call = new IncomingCall(
      message,
      this.#port.peer,
      this.#port.peer.principal,
      this.#deadlineOf(message, route),
    );
    if (message.streaming) this.#openInput(id, call);
    this.#run(id, call, route);
  }

  cancel(id: CallId): void {
    const call = this.#open.get(id);
    if (!call) return;
    const error = new SealwireError("CANCELLED", "the caller cancelled the call");
    this.#abort(id, call, error);
  }

  /** An item of a stream of ours could not be put into the wire's form. */
  refuse(id: CallId, error: SealwireError): void {
    const call = this.#open.get(id);
    if (call) this.#abort(id, call, error);
  }

  /** An item of the caller's stream. Late ones, after our answer, fall silently. */
  item(id: CallId, value: unknown, bytes: number): void {
    this.#open.get(id)?.items?.push(value, bytes);
  }

  /** The caller's stream is over. */
  end(id: CallId): void {
    this.#open.get(id)?.items?.end();
  }

  /** The caller takes more of what the handler streams. */
  credit(id: CallId, items: number): void {
    this.#open.get(id)?.pump?.grant(items);
  }

  /** The connection is over: handlers learn it through their signal. */
  close(reason: SealwireError): void {
    this.#closed = reason;
    this.#deadlines.close();
    for (const [, call] of this.#open.entries()) call.abort(reason);
    this.#open.clear();
  }

  #settle(id: CallId, settled: NonNullable<CallMessage["settled"]>): void {
    if ("failure" in settled) this.#fail(id, settled.failure);
    else this.#port.traffic.queue.push({ kind: "result", id, value: settled.value });
  }

  #refusal(route: Route | undefined, message: CallMessage): Failure | undefined {
    if (!route) return unknown(message.procedure);
    const denied = this.#port.setup.authorize(route, this.#port.peer.principal);
    if (denied) return denied;
    return this.#open.size >= this.#port.setup.limits.maxIncomingCalls
      ? tooMany(this.#port.setup.limits.maxIncomingCalls)
      : undefined;
  }

  #run(id: CallId, call: IncomingCall, route: Route): void {
    try {
      const answer = route.run(call);
      // The answer of a typed proxy is both; only what it resolves to tells which it was.
      if (isThenable(answer)) this.#await(id, call, answer);
      else if (isStream(answer)) this.#stream(id, call, answer);
      else this.#succeed(id, call, answer);
    } catch (thrown) {
      this.#failCall(id, call, thrown);
    }
  }

  #await(id: CallId, call: IncomingCall, answer: PromiseLike<unknown>): void {
    this.#register(id, call);
    answer.then(
      (value) => {
        const wanted = this.#open.get(id) === call;
        if (!isStream(value)) this.#succeed(id, call, value);
        else if (wanted) this.#stream(id, call, value);
        else discard(value);
      },
      (thrown: unknown) => this.#failCall(id, call, thrown),
    );
  }

  #stream(id: CallId, call: IncomingCall, source: AsyncIterable<unknown>): void {
    this.#register(id, call);
    const port = this.#port;
    const { kinds } = port.peer.vocabulary;
    if (!kinds.has("item")) {
      discard(source);
      return this.#fail(id, noStreams(call.procedure), call);
    }
    // A stream that comes when the connection has gone is not even started.
    if (call.aborted) return discard(source);
    const window = kinds.has("credit") ? STREAM_WINDOW : Number.POSITIVE_INFINITY;
    const pump = new ItemPump(source, window, {
      item: (value) => port.traffic.queue.push({ kind: "item", id, value }),
      ended: () => this.#answer(id, call, { kind: "end", id }),
      failed: (thrown) => this.#failCall(id, call, thrown),
      room: () => port.traffic.queue.room(),
    });
    call.pump = pump;
    void pump.run();
  }

  #succeed(id: CallId, call: IncomingCall, value: unknown): void {
    this.#answer(id, call, { kind: "result", id, value });
  }

  #failCall(id: CallId, call: IncomingCall, thrown: unknown): void {
    if (call.answered || this.#closed) return;
    const { logger } = this.#port.setup;
    const failure = failureOf(thrown, () => this.#reference(), logger);
    this.#fail(id, failure, call);
  }

  /** Names one failure in the logs, also beside those of an earlier run of the server. */
  #reference(): string {
    const { id, since } = this.#port.peer;
    this.#failures += 1;
    return `${id}-${since.toString(36)}-${this.#failures}`;
  }

  #fail(id: CallId, failure: Failure, call?: IncomingCall): void {
    const message: Message = { kind: "error", id, failure };
    if (call) this.#answer(id, call, message);
    else this.#port.traffic.queue.push(message);
  }

  /** The one place where a call is answered; the second answer of a call is dropped. */
  #answer(id: CallId, call: IncomingCall, message: Message): void {
    if (call.answered || this.#closed) return;
    call.answered = true;
    call.finish();
    this.#port.traffic.queue.push(message);
    if (this.#open.delete(id) && this.#open.size === 0) this.#port.idle.open();
  }

  #register(id: CallId, call: IncomingCall): void {
    if (this.#closed) return call.abort(this.#closed);
    if (this.#open.has(id)) return;
    this.#open.set(id, call);
    if (call.deadline !== undefined) this.#deadlines.add(call.deadline);
  }

  #openInput(id: CallId, call: IncomingCall): void {
    const { kinds } = this.#port.peer.vocabulary;
    const grants = kinds.has("credit");
    call.items = new ItemQueue(
      {
        grant: (items) => {
          if (grants && !call.answered)
            this.#port.traffic.queue.push({ kind: "credit", id, items });
        },
        buffered: (bytes) => this.#port.traffic.buffered(bytes),
        abandoned() {},
      },
      grants ? STREAM_WINDOW : Number.POSITIVE_INFINITY,
    );
    this.#register(id, call);
  }

  #abort(id: CallId, call: IncomingCall, error: SealwireError): void {
    call.abort(error);
    this.#fail(id, error.toFailure(), call);
  }

  #deadlineOf(message: CallMessage, route: Route): number | undefined {
    const limit = route.options.timeoutMs ?? this.#port.setup.handlerTimeoutMs;
    const timeoutMs = Math.min(message.timeoutMs ?? Number.POSITIVE_INFINITY, limit);
    return Number.isFinite(timeoutMs) ? this.#port.setup.clock.now() + timeoutMs : undefined;
  }

  /** As `Sweepable` has it. */
  sweep(now: number): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (const [id, call] of this.#open.entries()) {
      const deadline = call.deadline ?? Number.POSITIVE_INFINITY;
      if (deadline <= now) this.#abort(id, call, late(call.procedure));
      else if (deadline < earliest) earliest = deadline;
    }
    return earliest;
  }
}
