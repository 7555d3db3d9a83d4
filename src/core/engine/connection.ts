import type { About, Vocabulary } from "../contracts/dialect.ts";
import type { Channel } from "../contracts/transport.ts";
import { SealwireError } from "../model/errors.ts";
import type { Message, MessageKind } from "../model/message.ts";
import { ANONYMOUS, type Peer, type Principal } from "../model/peer.ts";
import { type CallArguments, toArguments } from "./arguments.ts";
import type { CallOptions } from "./call-options.ts";
import type { ConnectionPort } from "./connection-port.ts";
import type { ConnectionSetup, ConnectionStatistics } from "./connection-setup.ts";
import { dispatch } from "./dispatch.ts";
import { Gate } from "./gate.ts";
import type { Link } from "./handshake.ts";
import { IncomingCalls } from "./incoming-calls.ts";
import { OutgoingCalls } from "./outgoing-calls.ts";
import { tell } from "./tell.ts";
import { Traffic } from "./traffic.ts";
import { settleUnsayable } from "./unsayable.ts";

/** One live peer: a channel, a session, and the calls both ways. */
export class Connection implements Peer {
  readonly id: string;
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
  readonly #channel: Channel;
  readonly #traffic: Traffic;
  readonly #outgoing: OutgoingCalls;
  readonly #incoming: IncomingCalls;
  /** The side that connected always may, the other on wires that let it. */
  readonly #mayCall: boolean;
  #principal: Principal | undefined;
  #ending: { readonly error: SealwireError | undefined } | undefined;
  readonly #idle = new Gate();

  /** `setup` is shared by all connections of one owner. */
  constructor(id: string, link: Link, setup: ConnectionSetup) {
    const { session } = link;
    this.#setup = setup;
    this.#mayCall = link.connected;
    this.id = id;
    this.#channel = link.channel;
    this.dialect = link.dialect.name;
    if (session.binding) this.binding = session.binding;
    this.about = session.about ?? {};
    this.vocabulary = session.vocabulary ?? link.dialect.vocabulary;
    this.#principal = session.principal === ANONYMOUS ? undefined : session.principal;
    this.since = setup.clock.now();
    const traffic = new Traffic(link, setup, this.vocabulary, {
      ending: () => this.ending,
      receive: (received, bytes) => {
        const message = setup.screen ? setup.screen(received, bytes, this) : received;
        if (message && !this.ending) dispatch(message, bytes, this.#incoming, this.#outgoing, port);
      },
      refuse: (message, error) => this.#refuse(message, error),
      lost: (error) => this.#end(error, error),
      drained: () => setup.onDrained?.(this),
    });
    const idle = this.#idle;
    const port: ConnectionPort = { peer: this, setup, session, traffic, idle };
    this.#traffic = traffic;
    this.#outgoing = new OutgoingCalls(port);
    this.#incoming = new IncomingCalls(port);
    this.closed = this.#run();
  }

  /** Where the peer is; changes when the session goes on over another channel. */
  get remote(): string {
    return this.#channel.remote;
  }

  /** Whether its channel is lost and another may follow: what is said meanwhile waits. */
  get away(): boolean {
    return this.#traffic.away;
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
    const [incomingCalls, outgoingCalls] = [this.#incoming.size, this.#outgoing.size];
    return { ...this.#traffic.statistics, incomingCalls, outgoingCalls };
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
    return this.#outgoing.call(procedure, toArguments(args, options.named), options);
  }

  /** Calls a procedure whose answer is a stream; leaving the loop early cancels the call. */
  stream(
    procedure: string,
    args?: CallArguments,
    options: CallOptions = {},
  ): AsyncIterableIterator<unknown, undefined> {
    const refusal = this.#cannot("item", options);
    if (refusal) throw refusal;
    return this.#outgoing.stream(procedure, toArguments(args, options.named), options);
  }

  /**
   * Tells the peer something that has no answer. Resolves when there is room for more.
   *
   * @throws `UNSUPPORTED` when the wire has no events, `UNAVAILABLE` when the connection has ended.
   */
  async emit(name: string, data?: unknown): Promise<void> {
    this.#mustBeAble("event");
    await this.#traffic.queue.room();
    this.#mustBeAble("event");
    this.push(name, data);
  }

  /** As `emit`, but at once, whether or not there is room: for those who looked at `blocked`. */
  push(name: string, data: unknown): void {
    this.#traffic.queue.push({ kind: "event", name, data });
  }

  /** Whether what is said now has to wait because the peer does not read. */
  get blocked(): boolean {
    return this.#traffic.queue.blocked;
  }

  /** Resolves when the peer has shown that it is there. @throws as `call` */
  async ping(options: CallOptions = {}): Promise<void> {
    await this.call("$ping", [], options);
  }

  /** Lets the session speak at the end of this turn. */
  flush(): void {
    this.#traffic.queue.schedule();
  }

  /** Says goodbye, lets running handlers finish for so long, then closes. */
  async drain(timeoutMs: number): Promise<void> {
    if (this.away) return this.close();
    this.#goodbye("UNAVAILABLE: shutting down");
    const cancel = this.#setup.clock.after(timeoutMs, () => this.#idle.open());
    if (timeoutMs > 0 && this.#incoming.size > 0) await this.#idle.wait();
    cancel();
    await this.close();
  }

  /** Ends it: in order without a reason; with one, the peer is told and the rest is dropped. */
  async close(reason?: SealwireError): Promise<void> {
    if (!this.#ending) {
      this.#goodbye(reason && `${reason.code}: ${reason.message}`);
      if (!this.away) await this.#traffic.lastWords();
      this.#end(reason);
    }
    await this.closed;
  }

  async #run(): Promise<SealwireError | undefined> {
    // What arrived early waits until the owner knows this connection.
    await Promise.resolve();
    try {
      await this.#traffic.receive();
      if (this.vocabulary.halfClose && !this.ending) {
        if (this.#incoming.size > 0) await this.#idle.wait();
        // Also answers that were given before may still wait for the peer to read.
        await this.#traffic.lastWords();
      }
      this.#end(undefined);
    } catch (thrown) {
      const error = SealwireError.from(thrown, "UNAVAILABLE");
      if (!this.#ending && error.code !== "UNAVAILABLE") {
        this.#goodbye(`${error.code}: ${error.message}`);
        await this.#traffic.lastWords();
      }
      this.#end(error);
    }
    const error = this.#ending?.error;
    tell(this.#setup.logger, { connection: this.id }, () => this.#setup.onClosed(this, error));
    return error;
  }

  #mustBeAble(kind: MessageKind): void {
    const refusal = this.#cannot(kind, {});
    if (refusal) throw refusal;
  }

  #cannot(kind: MessageKind, options: CallOptions): SealwireError | undefined {
    if (this.#ending) return gone(this.#ending.error);
    const { kinds, callsBothWays } = this.vocabulary;
    const mayCall = this.#mayCall || callsBothWays || kind === "event";
    if (mayCall && kinds.has(kind) && (!options.input || kinds.has("item"))) return undefined;
    return new SealwireError(
      "UNSUPPORTED",
      `the dialect ${this.dialect} cannot carry this: ${kind}`,
    );
  }

  #refuse(message: Message, thrown: unknown): Message | undefined {
    const error = SealwireError.from(thrown, "INTERNAL");
    const { kind } = message;
    this.#setup.logger.warn({ connection: this.id, kind, code: error.code }, error.message);
    return settleUnsayable(message, error, this.#outgoing, this.#incoming);
  }

  #goodbye(reason: string | undefined): void {
    if (this.vocabulary.kinds.has("goodbye")) this.#traffic.goodbye(reason);
  }

  #end(error: SealwireError | undefined, broken?: SealwireError): void {
    if (this.#ending) return;
    this.#ending = { error };
    const lost = gone(error);
    this.#outgoing.close(lost);
    this.#incoming.close(lost);
    this.#traffic.close(broken);
    this.#idle.open();
  }
}

function gone(error: SealwireError | undefined): SealwireError {
  const why = error ? `: ${error.message}` : "";
  return new SealwireError("UNAVAILABLE", `the connection has ended${why}`, { cause: error });
}
