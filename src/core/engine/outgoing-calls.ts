import { type Failure, SealwireError } from "../model/errors.ts";
import type { Arguments, CallId } from "../model/message.ts";
import { type CallOptions, deadlineOf } from "./call-options.ts";
import { CallTable } from "./call-table.ts";
import type { ConnectionPort } from "./connection-port.ts";
import { Deadlines } from "./deadlines.ts";
import { ItemPump } from "./item-pump.ts";
import {
  abandoned,
  cancelled,
  late,
  type OutgoingCall,
  outOfStep,
  tooMany,
  unsent,
} from "./outgoing-call.ts";
import { ItemQueue, STREAM_WINDOW } from "./streams.ts";

/** Calls we made: id → promise or stream, deadline, cancel. Each settles exactly once. */
export class OutgoingCalls {
  readonly #port: ConnectionPort;
  readonly #open = new CallTable<OutgoingCall>();
  readonly #waiting: OutgoingCall[] = [];
  readonly #deadlines: Deadlines;
  readonly #maxOpen: number;
  #closed: SealwireError | undefined;

  constructor(port: ConnectionPort) {
    this.#port = port;
    this.#maxOpen = Math.min(
      port.setup.limits.maxOutgoingCalls,
      port.peer.vocabulary.callsInFlight,
    );
    this.#deadlines = new Deadlines(port.setup.clock, this);
  }

  /** How many calls have not settled yet. */
  get size(): number {
    return this.#open.size + this.#waiting.length;
  }

  /** One call for one value; resolves with an async iterable if the handler streams. */
  call(procedure: string, args: Arguments, options: CallOptions): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const deadline = deadlineOf(options, this.#port.setup.callTimeoutMs, this.#port.setup.clock);
      this.#start({ procedure, args, options, resolve, reject, deadline });
    });
  }

  /** One call whose answer is a stream. */
  stream(
    procedure: string,
    args: Arguments,
    options: CallOptions,
  ): AsyncIterableIterator<unknown, undefined> {
    const deadline = deadlineOf(options, Number.POSITIVE_INFINITY, this.#port.setup.clock);
    const call: OutgoingCall = { procedure, args, options, deadline, resolve() {}, reject() {} };
    call.items = this.#itemsOf(call);
    this.#start(call);
    return call.items;
  }

  /** The result of one of our calls has come. */
  result(id: CallId, value: unknown): void {
    const call = this.#open.get(id);
    if (!call) return;
    // While it is still open, so that an item beyond the credit fails it with all the others.
    call.items?.push(value, 0);
    this.#close(call);
    if (call.items) call.items.end();
    else call.resolve(value);
  }

  /** One of our calls has failed. */
  error(id: CallId, failure: Failure): void {
    const call = this.#open.get(id);
    if (call) this.#fail(call, SealwireError.fromFailure(failure));
  }

  /** An item of a stream has come; the first one tells that the answer is a stream. */
  item(id: CallId, value: unknown, bytes: number): void {
    const call = this.#open.get(id);
    if (!call) return;
    this.#itemsFor(call).push(value, bytes);
  }

  /** A stream is over. */
  end(id: CallId): void {
    const call = this.#open.get(id);
    if (!call) return;
    const items = this.#itemsFor(call);
    this.#close(call);
    items.end();
  }

  /** The handler takes more of our input. */
  credit(id: CallId, items: number): void {
    this.#open.get(id)?.pump?.grant(items);
  }

  /** A call of ours, or an item of it, has no form on the wire; `told`: the peer knows the call. */
  refuse(id: CallId, error: SealwireError, told: boolean): void {
    const call = this.#open.get(id);
    if (call && told) this.#abandon(call, error);
    else if (call) this.#fail(call, error);
  }

  /** The connection is over: everything open fails with this. */
  close(error: SealwireError): void {
    this.#closed = error;
    this.#deadlines.close();
    for (const call of this.#waiting.splice(0)) this.#fail(call, unsent(error));
    for (const [, call] of this.#open.entries()) this.#fail(call, error);
  }

  #start(call: OutgoingCall): void {
    const { signal } = call.options;
    if (this.#closed) return this.#fail(call, this.#closed);
    if (signal?.aborted) return this.#fail(call, cancelled(signal));
    if (signal) this.#listen(call, signal);
    if (call.deadline !== Number.POSITIVE_INFINITY) this.#deadlines.add(call.deadline);
    if (this.#open.size < this.#maxOpen) return this.#send(call);
    if (this.#waiting.length >= this.#port.setup.limits.maxWaitingCalls)
      return this.#fail(call, tooMany(this.size));
    this.#waiting.push(call);
  }

  #send(call: OutgoingCall): void {
    const { procedure, args, options } = call;
    const id = this.#port.session.nextCallId();
    call.id = id;
    this.#open.set(id, call);
    const { meta, input, timeoutMs, deadline } = options;
    const travels = timeoutMs !== undefined || deadline !== undefined;
    if (!meta && !input && !travels) {
      return this.#port.traffic.queue.push({ kind: "call", id, procedure, args });
    }
    const left = Math.max(1, Math.ceil(call.deadline - this.#port.setup.clock.now()));
    this.#port.traffic.queue.push({
      kind: "call",
      id,
      procedure,
      args,
      ...(meta && { meta }),
      ...(input && { streaming: true }),
      ...(travels && Number.isFinite(left) && { timeoutMs: left }),
    });
    if (input) this.#pumpInput(call, id, input);
  }

  #pumpInput(call: OutgoingCall, id: CallId, input: AsyncIterable<unknown>): void {
    const port = this.#port;
    const window = port.peer.vocabulary.kinds.has("credit")
      ? STREAM_WINDOW
      : Number.POSITIVE_INFINITY;
    call.pump = new ItemPump(input, window, {
      item: (value) => port.traffic.queue.push({ kind: "item", id, value }),
      ended: () => port.traffic.queue.push({ kind: "end", id }),
      failed: (thrown) => this.#abandon(call, SealwireError.from(thrown, "CANCELLED")),
      room: () => port.traffic.queue.room(),
    });
    void call.pump.run();
  }

  #listen(call: OutgoingCall, signal: AbortSignal): void {
    const abort = () => this.#abandon(call, cancelled(signal));
    signal.addEventListener("abort", abort, { once: true });
    call.unlisten = () => signal.removeEventListener("abort", abort);
  }

  #itemsFor(call: OutgoingCall): ItemQueue {
    if (call.items) return call.items;
    call.items = this.#itemsOf(call);
    if (call.options.timeoutMs === undefined) call.deadline = call.options.deadline ?? Infinity;
    call.resolve(call.items);
    return call.items;
  }

  #itemsOf(call: OutgoingCall): ItemQueue {
    const port = this.#port;
    const grants = port.peer.vocabulary.kinds.has("credit");
    return new ItemQueue(
      {
        grant: (items) => {
          if (grants && call.id !== undefined && this.#open.has(call.id)) {
            port.traffic.queue.push({ kind: "credit", id: call.id, items });
          }
        },
        buffered: (bytes) => port.traffic.buffered(bytes),
        abandoned: () => this.#abandon(call, abandoned()),
      },
      grants ? STREAM_WINDOW : Number.POSITIVE_INFINITY,
    );
  }

  /** We do not want the answer any more: tells the peer and settles the call. */
  #abandon(call: OutgoingCall, error: SealwireError): void {
    const { traffic, peer } = this.#port;
    const { id } = call;
    const open = id !== undefined && this.#open.has(id);
    if (open && peer.vocabulary.kinds.has("cancel")) traffic.queue.push({ kind: "cancel", id });
    if (open && peer.vocabulary.callsInFlight === 1) {
      // Before its place is free: those who wait belong on the next connection.
      this.#open.delete(id);
      traffic.fail(outOfStep());
    }
    this.#fail(call, error);
  }

  #fail(call: OutgoingCall, error: SealwireError): void {
    this.#close(call);
    call.items?.fail(error);
    call.reject(error);
  }

  #close(call: OutgoingCall): void {
    call.unlisten?.();
    call.pump?.stop();
    if (call.id !== undefined) this.#open.delete(call.id);
    else this.#dropWaiting(call);
    if (this.#waiting.length > 0) this.#startWaiting();
  }

  #dropWaiting(call: OutgoingCall): void {
    const at = this.#waiting.indexOf(call);
    if (at >= 0) this.#waiting.splice(at, 1);
  }

  #startWaiting(): void {
    while (!this.#closed && this.#open.size < this.#maxOpen) {
      const next = this.#waiting.shift();
      if (!next) return;
      this.#send(next);
    }
  }

  /** As `Sweepable` has it. */
  sweep(now: number): number {
    let earliest = Number.POSITIVE_INFINITY;
    const open = this.#open.entries().map(([, call]) => call);
    // Those who wait first: giving up an open call may send them on to another connection.
    for (const call of [...this.#waiting, ...open]) {
      if (call.deadline <= now) this.#abandon(call, late(call.procedure));
      else if (call.deadline < earliest) earliest = call.deadline;
    }
    return earliest;
  }
}
