import type { Clock } from "../contracts/clock.ts";
import type { CallContext } from "../contracts/context.ts";
import type { About, Vocabulary } from "../contracts/dialect.ts";
import type { Logger } from "../contracts/logger.ts";
import type { Turn } from "../contracts/turn.ts";
import { type Failure, SealwireError } from "../model/errors.ts";
import type { Message, MessageKind } from "../model/message.ts";
import { ANONYMOUS, type Peer, type Principal } from "../model/peer.ts";
import { type CallArguments, toArguments } from "./arguments.ts";
import type { Link } from "./handshake.ts";
import { type HeartbeatOptions, startHeartbeat } from "./heartbeat.ts";
import { IncomingCalls } from "./incoming-calls.ts";
import { Intake } from "./intake.ts";
import type { ConnectionLimits } from "./limits.ts";
import { type CallOptions, OutgoingCalls } from "./outgoing-calls.ts";
import { receiveLoop } from "./receive-loop.ts";
import type { Route, Router } from "./router.ts";
import { SendQueue } from "./send-queue.ts";

/** What a connection is told by the server or client that owns it. */
export interface ConnectionSetup {
  readonly id: string;
  readonly link: Link;
  readonly router: Router;
  readonly limits: ConnectionLimits;
  readonly clock: Clock;
  readonly turn: Turn;
  readonly logger: Logger;
  readonly context?: CallContext | undefined;
  readonly heartbeat: HeartbeatOptions | false;
  /** For calls of ours without a timeout. */
  readonly callTimeoutMs: number;
  /** For handlers of ours without a limit. */
  readonly handlerTimeoutMs: number;
  authorize(route: Route, principal: Principal | undefined): Failure | undefined;
  onEvent(name: string, data: unknown, connection: Connection): void;
  /** The peer says that it will end the connection. */
  onGoodbye(reason: string | undefined, connection: Connection): void;
  /** Called once; `error` is absent after an orderly end. */
  onClosed(connection: Connection, error: SealwireError | undefined): void;
  /** The channel took everything that was held. */
  onDrained?(connection: Connection): void;
}

/** Counts of one connection since it began. */
export interface ConnectionStatistics {
  readonly sentBytes: number;
  readonly sentMessages: number;
  readonly receivedBytes: number;
  readonly receivedMessages: number;
  /** Calls of the peer that run now. */
  readonly incomingCalls: number;
  /** Calls of ours that are open now. */
  readonly outgoingCalls: number;
}

/** One live peer: a channel, a session, and the calls both ways. */
export class Connection implements Peer {
  readonly id: string;
  readonly remote: string;
  readonly dialect: string;
  readonly binding?: Uint8Array;
  /** What the peer said of itself. */
  readonly about: About;
  /** When it began, in milliseconds since the epoch. */
  readonly since: number;
  readonly vocabulary: Vocabulary;
  /** Resolves when it is over, with the error if it broke. Never rejects. */
  readonly closed: Promise<SealwireError | undefined>;
  readonly #setup: ConnectionSetup;
  readonly #send: SendQueue;
  readonly #intake: Intake;
  readonly #outgoing: OutgoingCalls;
  readonly #incoming: IncomingCalls;
  readonly #stopHeartbeat: () => void;
  #principal: Principal | undefined;
  #bufferedBytes = 0;
  #receivedBytes = 0;
  #receivedMessages = 0;
  #lastHeard: number;
  #ending: { readonly error: SealwireError | undefined } | undefined;
  #whenIdle: (() => void) | undefined;

  constructor(setup: ConnectionSetup) {
    const { link, clock, limits, logger } = setup;
    const { session } = link;
    this.#setup = setup;
    this.id = setup.id;
    this.remote = link.channel.remote;
    this.dialect = link.dialect.name;
    if (session.binding) this.binding = session.binding;
    this.about = session.about ?? {};
    this.vocabulary = session.vocabulary ?? link.dialect.vocabulary;
    this.#principal = session.principal === ANONYMOUS ? undefined : session.principal;
    this.since = clock.now();
    this.#lastHeard = this.since;
    this.#send = new SendQueue(link, setup.turn, {
      refuse: (message, error) => this.#refuse(message, error),
      fail: (error) => this.#break(SealwireError.from(error, "UNAVAILABLE")),
      drained: () => {
        this.#intake.recheck();
        setup.onDrained?.(this);
      },
    });
    this.#intake = new Intake(link.chunks, {
      full: () => !this.#ending && this.#tooMuchOpen(),
      heard: (bytes) => {
        this.#receivedBytes += bytes;
        this.#lastHeard = clock.now();
      },
    });
    const port = {
      send: (message: Message) => this.#send.push(message),
      room: () => this.#send.room(),
      buffered: (bytes: number) => this.#buffered(bytes),
      vocabulary: this.vocabulary,
      clock,
    };
    this.#outgoing = new OutgoingCalls({
      ...port,
      nextCallId: () => session.nextCallId(),
      maxOpen: limits.maxOutgoingCalls,
      maxWaiting: limits.maxWaitingCalls,
      defaultTimeoutMs: setup.callTimeoutMs,
    });
    this.#incoming = new IncomingCalls({
      ...port,
      idle: () => this.#whenIdle?.(),
      peer: this,
      router: setup.router,
      authorize: setup.authorize,
      logger,
      context: setup.context,
      maxOpen: limits.maxIncomingCalls,
      handlerTimeoutMs: setup.handlerTimeoutMs,
    });
    this.#stopHeartbeat = this.#heartbeat();
    this.closed = this.#run(link);
  }

  /** Who the peer has proven to be; changes when it proves itself anew. */
  get principal(): Principal | undefined {
    return this.#principal;
  }

  set principal(principal: Principal | undefined) {
    this.#principal = principal === ANONYMOUS ? undefined : principal;
  }

  /** Whether the end has begun: new calls fail. */
  get ending(): boolean {
    return this.#ending !== undefined;
  }

  get statistics(): ConnectionStatistics {
    return {
      sentBytes: this.#send.sentBytes,
      sentMessages: this.#send.sentMessages,
      receivedBytes: this.#receivedBytes,
      receivedMessages: this.#receivedMessages,
      incomingCalls: this.#incoming.size,
      outgoingCalls: this.#outgoing.size,
    };
  }

  /**
   * Calls a procedure of the peer: an array of arguments by position, an object by name. Resolves
   * with an async iterable if the handler streams.
   *
   * @throws the peer's error; `DEADLINE_EXCEEDED`, `CANCELLED`; `UNAVAILABLE` when the connection
   * ends first; `UNSUPPORTED` when the wire cannot say it.
   */
  call(procedure: string, args?: CallArguments, options: CallOptions = {}): Promise<unknown> {
    const refusal = this.#cannot("call", options);
    if (refusal) return Promise.reject(refusal);
    return this.#outgoing.call(procedure, toArguments(args), options);
  }

  /** Calls a procedure whose answer is a stream; leaving the loop early cancels the call. */
  stream(
    procedure: string,
    args?: CallArguments,
    options: CallOptions = {},
  ): AsyncIterableIterator<unknown, undefined> {
    const refusal = this.#cannot("item", options);
    if (refusal) throw refusal;
    return this.#outgoing.stream(procedure, toArguments(args), options);
  }

  /**
   * Tells the peer something that has no answer. Resolves when there is room for more.
   *
   * @throws `UNSUPPORTED` when the wire has no events, `UNAVAILABLE` when the connection has ended.
   */
  async emit(name: string, data?: unknown): Promise<void> {
    const refusal = this.#cannot("event", {});
    if (refusal) throw refusal;
    await this.#send.room();
    this.push(name, data);
  }

  /** As `emit`, but at once, whether or not there is room: for those who looked at `blocked`. */
  push(name: string, data: unknown): void {
    this.#send.push({ kind: "event", name, data });
  }

  /** Whether what is said now has to wait because the peer does not read. */
  get blocked(): boolean {
    return this.#send.blocked;
  }

  /** Resolves when the peer has shown that it is there. @throws as `call` */
  async ping(options: CallOptions = {}): Promise<void> {
    await this.call("$ping", [], options);
  }

  /** Lets the session speak at the end of this turn. */
  flush(): void {
    this.#send.schedule();
  }

  /** Says goodbye, lets running handlers finish for so long, then closes. */
  async drain(timeoutMs: number): Promise<void> {
    this.#goodbye("UNAVAILABLE: shutting down");
    const cancel = this.#setup.clock.after(timeoutMs, () => this.#whenIdle?.());
    if (this.#incoming.size > 0) {
      await new Promise<void>((resolve) => {
        this.#whenIdle = resolve;
      });
    }
    cancel();
    await this.close();
  }

  /** Ends it: in order without a reason; with one, the peer is told and the rest is dropped. */
  async close(reason?: SealwireError): Promise<void> {
    if (!this.#ending) {
      if (reason) this.#goodbye(`${reason.code}: ${reason.message}`);
      await this.#lastWords();
      this.#end(reason);
    }
    await this.closed;
  }

  async #run(link: Link): Promise<SealwireError | undefined> {
    // What arrived early waits until the owner knows this connection.
    await Promise.resolve();
    try {
      const { early, framing, session } = link;
      await receiveLoop(this.#intake, early, framing, session, this.#receive);
      this.#end(undefined);
    } catch (thrown) {
      const error = SealwireError.from(thrown, "UNAVAILABLE");
      if (!this.#ending && error.code !== "UNAVAILABLE") {
        this.#goodbye(`${error.code}: ${error.message}`);
        this.#send.flush();
      }
      this.#end(error);
    }
    const error = this.#ending?.error;
    this.#setup.onClosed(this, error);
    return error;
  }

  readonly #receive = (message: Message, bytes: number): void => {
    if (this.#ending) return;
    this.#receivedMessages += 1;
    switch (message.kind) {
      case "call":
        return this.#incoming.receive(message);
      case "result":
        return this.#outgoing.result(message.id, message.value);
      case "error":
        return this.#outgoing.error(message.id, message.failure);
      case "cancel":
        return this.#incoming.cancel(message.id);
      case "item":
        this.#outgoing.item(message.id, message.value, bytes);
        return this.#incoming.item(message.id, message.value, bytes);
      case "end":
        this.#outgoing.end(message.id);
        return this.#incoming.end(message.id);
      case "credit":
        this.#outgoing.credit(message.id, message.items);
        return this.#incoming.credit(message.id, message.items);
      case "event":
        return this.#setup.onEvent(message.name, message.data, this);
      case "ping":
        return this.#send.push({ kind: "pong" });
      case "pong":
        return;
      case "pause":
        return this.#send.setPaused(true);
      case "resume":
        return this.#send.setPaused(false);
      case "goodbye":
        return this.#setup.onGoodbye(message.reason, this);
    }
  };

  #cannot(kind: MessageKind, options: CallOptions): SealwireError | undefined {
    if (this.#ending) return gone(this.#ending.error);
    const { kinds } = this.vocabulary;
    if (kinds.has(kind) && (!options.input || kinds.has("item"))) return undefined;
    return new SealwireError(
      "UNSUPPORTED",
      `the dialect ${this.dialect} cannot carry this: ${kind}`,
    );
  }

  #refuse(message: Message, thrown: unknown): Message | undefined {
    const error = SealwireError.from(thrown, "INTERNAL");
    this.#setup.logger.warn(
      { connection: this.id, kind: message.kind, code: error.code },
      error.message,
    );
    if (message.kind === "call") this.#outgoing.refuse(message.id, error);
    if (message.kind !== "result" && message.kind !== "item") return undefined;
    if (message.kind === "item") this.#incoming.cancel(message.id);
    const failure: Failure = {
      code: "INTERNAL",
      message: `the answer cannot be sent: ${error.message}`,
    };
    return message.kind === "item" ? undefined : { kind: "error", id: message.id, failure };
  }

  #tooMuchOpen(): boolean {
    const { limits } = this.#setup;
    return (
      this.#bufferedBytes > limits.maxBufferedBytes || this.#send.held > limits.maxHeldMessages
    );
  }

  #buffered(bytes: number): void {
    this.#bufferedBytes += bytes;
    if (bytes < 0) this.#intake.recheck();
  }

  #heartbeat(): () => void {
    const { heartbeat, clock, limits } = this.#setup;
    if (heartbeat === false || !this.vocabulary.kinds.has("ping")) return () => {};
    return startHeartbeat(
      {
        clock,
        // While we do not read ourselves, its silence says nothing.
        lastHeard: () =>
          this.#bufferedBytes > limits.maxBufferedBytes ? clock.now() : this.#lastHeard,
        ask: () => this.#send.push({ kind: "ping" }),
        lost: (silentMs) => this.#break(silent(silentMs)),
      },
      heartbeat,
    );
  }

  #goodbye(reason: string): void {
    if (this.vocabulary.kinds.has("goodbye")) this.#send.push({ kind: "goodbye", reason });
  }

  /** Gives what was said a moment to leave; a peer that does not read is not waited for. */
  async #lastWords(): Promise<void> {
    const { clock } = this.#setup;
    let cancel = () => {};
    const late = new Promise<void>((resolve) => {
      cancel = clock.after(LAST_WORDS_MS, resolve);
    });
    await Promise.race([this.#send.emptied(), late]);
    cancel();
  }

  #break(error: SealwireError): void {
    this.#end(error, true);
  }

  #end(error: SealwireError | undefined, broken = false): void {
    if (this.#ending) return;
    this.#ending = { error };
    this.#stopHeartbeat();
    const lost = gone(error);
    this.#outgoing.close(lost);
    this.#incoming.close(lost);
    this.#send.close();
    this.#whenIdle?.();
    void this.#setup.link.channel.close(broken ? error : undefined);
    this.#intake.open();
  }
}

const LAST_WORDS_MS = 2_000;

function gone(error: SealwireError | undefined): SealwireError {
  const why = error ? `: ${error.message}` : "";
  return new SealwireError("UNAVAILABLE", `the connection has ended${why}`, { cause: error });
}

function silent(silentMs: number): SealwireError {
  return new SealwireError("UNAVAILABLE", `the peer has said nothing for ${silentMs} ms`);
}
