import type { Inbox } from "../../bytes/inbox.ts";
import type { DatagramSocket, Endpoint } from "../../core/contracts/datagram-socket.ts";
import { Gate } from "../../core/engine/gate.ts";
import type { SealwireError } from "../../core/model/errors.ts";
import { Conversation } from "./conversation.ts";
import { refused, unsent } from "./failures.ts";
import type { GreetingKey } from "./greeting-key.ts";
import { type LinkState, WAITING } from "./link-state.ts";
import { Mailbox } from "./mailbox.ts";
import type { SrmudpSettings } from "./options.ts";
import type { Counters } from "./statistics.ts";

/** What a link is given by its owner. */
export interface LinkPort {
  /** The owner hands over what arrives by `receive`, and closes the socket. */
  readonly socket: DatagramSocket;
  readonly remote: Endpoint;
  /** After a break it greets anew; otherwise the break is its end. */
  readonly reconnect: boolean;
  /** Answers a peer that has come instead of going to one. */
  readonly passive?: boolean;
  /** Shared by the links of one listener. */
  readonly key?: GreetingKey;
  onState?(state: LinkState): void;
  moved?(from: Endpoint, to: Endpoint): void;
}

/** A sealed path to one peer over datagrams, that keeps messages whole, in order and complete. */
export class Link {
  readonly #port: LinkPort;
  readonly #settings: SrmudpSettings;
  readonly #mailbox: Mailbox;
  readonly #conversation: Conversation;
  readonly #ended = new Gate();
  #state: LinkState = WAITING;
  #closing: { flushed: boolean } | undefined;
  #cancelTimeout: (() => void) | undefined;

  constructor(settings: SrmudpSettings, port: LinkPort) {
    const { socket, remote, passive, key } = port;
    this.#settings = settings;
    this.#port = port;
    this.#mailbox = new Mailbox(settings, () => this.#conversation.session?.roomAgain());
    this.#conversation = new Conversation(settings, {
      socket,
      remote,
      passive,
      key,
      mailbox: this.#mailbox,
      established: () => this.#established(),
      lost: (error) => this.#lost(error),
      finished: (error) => this.#end(error),
      refused: () => this.#end(refused(remote)),
      progressed: () => this.#finishWhenIdle(),
      moved: (from, to) => port.moved?.(from, to),
    });
  }

  get counters(): Counters {
    return this.#conversation.counters;
  }

  /** What has arrived, for one reader. */
  get messages(): Inbox<Uint8Array> {
    return this.#mailbox.received;
  }

  get state(): LinkState {
    return this.#state;
  }

  /** Where the peer is: its datagrams may come from elsewhere after a while. */
  get remote(): Endpoint {
    return this.#conversation.remote;
  }

  get roundTripMs(): number | undefined {
    return this.#conversation.session?.leastRoundTripMs;
  }

  start(): void {
    this.#conversation.start();
  }

  /**
   * Takes a message, which is the link's until `settled` is called. Resolves when there is room
   * for more; `undefined`: there is room now.
   */
  post(message: Uint8Array, settled?: (error?: SealwireError) => void): Promise<void> | undefined {
    if (this.#state.state === "closed" || this.#closing !== undefined) {
      settled?.(unsent(undefined));
      return undefined;
    }
    this.#mailbox.put(message, settled);
    this.#conversation.session?.pump();
    return this.room();
  }

  /** Resolves when there is room for more; `undefined`: there is room now. */
  room(): Promise<void> | undefined {
    return this.#mailbox.room();
  }

  /** Takes a datagram that has come to the link's socket. Says whether it was meant for it. */
  receive(bytes: Uint8Array, from: Endpoint): boolean {
    return this.#conversation.receive(bytes, from);
  }

  /** Who takes STUN answers, which come to the same socket as everything else. */
  receiveStun(take: (bytes: Uint8Array, from: Endpoint) => void): void {
    this.#conversation.receiveStun(take);
  }

  /** Ends in order, after everything is acknowledged, or with a reason at once. */
  close(reason?: Error): Promise<void> {
    if (this.#state.state === "closed") return Promise.resolve();
    const ended = this.#ended.wait();
    if (this.#closing === undefined) {
      this.#closing = { flushed: false };
      this.messages.end(reason);
      this.messages.drain();
      this.#beginClosing(reason);
    }
    return ended;
  }

  #beginClosing(reason: Error | undefined): void {
    const { clock, closeTimeoutMs } = this.#settings;
    const { session } = this.#conversation;
    if (session === undefined) return this.#end(undefined);
    if (reason !== undefined) return session.finish(true);
    const timedOut = () => this.#conversation.session?.finish(true);
    this.#cancelTimeout = clock.after(closeTimeoutMs, timedOut, true);
    session.roomAgain();
    this.#finishWhenIdle();
  }

  #finishWhenIdle(): void {
    const { session } = this.#conversation;
    if (this.#closing === undefined || this.#closing.flushed || session?.idle !== true) return;
    this.#closing.flushed = true;
    session.finish(false);
  }

  #established(): void {
    const { secret, pin } = this.#settings;
    const authenticated = secret !== undefined || pin !== undefined;
    this.#tell({ state: "established", authenticated, remote: this.remote });
  }

  #lost(error: SealwireError): boolean {
    const again = this.#port.reconnect && this.#closing === undefined;
    if (again) this.#tell({ state: "reconnecting", reason: error });
    else this.#end(error);
    return again && this.#closing === undefined;
  }

  #end(error: SealwireError | undefined): void {
    if (this.#state.state === "closed") return;
    this.#state = error === undefined ? CLOSED : { state: "closed", reason: error };
    this.#conversation.stop(error);
    this.#cancelTimeout?.();
    this.#mailbox.end(unsent(error), error);
    this.#tell(this.#state);
    this.#ended.open();
  }

  #tell(state: LinkState): void {
    this.#state = state;
    this.#port.onState?.(state);
  }
}

const CLOSED: LinkState = Object.freeze({ state: "closed" });
