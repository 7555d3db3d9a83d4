import type { Inbox } from "../../bytes/inbox.ts";
import type { DatagramSocket, Endpoint } from "../../core/contracts/datagram-socket.ts";
import { Gate } from "../../core/engine/gate.ts";
import type { SealwireError } from "../../core/model/errors.ts";
import type { Candidate } from "./candidate.ts";
import { kindOf } from "./datagram-kind.ts";
import { established } from "./established.ts";
import { refused, replaced, unsent } from "./failures.ts";
import { Greeting } from "./greeting.ts";
import type { GreetingDatagram } from "./greeting-datagrams.ts";
import { type GreetingKey, greetingKey } from "./greeting-key.ts";
import { type LinkState, WAITING } from "./link-state.ts";
import { Mailbox } from "./mailbox.ts";
import type { SrmudpSettings } from "./options.ts";
import { OwnNonces } from "./own-nonces.ts";
import type { PathSize } from "./path-size.ts";
import type { Session } from "./session.ts";
import { type Counters, newCounters } from "./statistics.ts";

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
  readonly counters: Counters = newCounters();
  readonly #port: LinkPort;
  readonly #settings: SrmudpSettings;
  readonly #nonces = new OwnNonces();
  readonly #mailbox: Mailbox;
  readonly #ended = new Gate();
  #greeting: Greeting;
  #session: Session | undefined;
  #last: Session | undefined;
  #pathSize: PathSize | undefined;
  #remote: Endpoint;
  #state: LinkState = WAITING;
  #established = false;
  #closing: { readonly reason: Error | undefined; flushed: boolean } | undefined;
  #cancelClosing: (() => void) | undefined;
  #takeStun: ((bytes: Uint8Array, from: Endpoint) => void) | undefined;

  constructor(settings: SrmudpSettings, port: LinkPort) {
    this.#settings = settings;
    this.#port = port;
    this.#remote = port.remote;
    this.#mailbox = new Mailbox(settings, () => this.#session?.roomAgain());
    this.#greeting = this.#newGreeting(port.key);
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
    return this.#remote;
  }

  get roundTripMs(): number | undefined {
    return this.#session?.measuredRoundTripMs;
  }

  /** The peer speaks as we do. */
  get kin(): boolean {
    return this.#session?.kin ?? false;
  }

  start(): void {
    this.#greeting.start();
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
    this.#session?.pump();
    return this.room();
  }

  /** Resolves when there is room for more; `undefined`: there is room now. */
  room(): Promise<void> | undefined {
    return this.#mailbox.room();
  }

  /** Takes a datagram that has come to the link's socket. Says whether it was meant for it. */
  receive(bytes: Uint8Array, from: Endpoint): boolean {
    const sorted = kindOf(bytes);
    switch (sorted.kind) {
      case "greeting":
        return this.#onGreeting(sorted.greeting, bytes, from);
      case "probe":
      case "notice":
        return this.#onPathSize(bytes, sorted.kind, from);
      case "stun":
        this.#takeStun?.(bytes, from);
        return true;
      case "packet":
        return this.#onPacket(bytes, from);
    }
  }

  /** Who takes STUN answers, which come to the same socket as everything else. */
  receiveStun(take: (bytes: Uint8Array, from: Endpoint) => void): void {
    this.#takeStun = take;
  }

  /** Ends in order, after everything is acknowledged, or with a reason at once. */
  close(reason?: Error): Promise<void> {
    if (this.#state.state === "closed") return Promise.resolve();
    const ended = this.#ended.wait();
    if (this.#closing === undefined) {
      this.#closing = { reason, flushed: false };
      this.messages.end(reason);
      this.messages.drain();
      this.#beginClosing(reason);
    }
    return ended;
  }

  #beginClosing(reason: Error | undefined): void {
    const { clock, closeTimeoutMs } = this.#settings;
    if (this.#session === undefined) return this.#end(undefined);
    if (reason !== undefined) return this.#session.finish(true);
    this.#cancelClosing = clock.after(closeTimeoutMs, () => this.#session?.finish(true), true);
    this.#session.roomAgain();
    this.#finishWhenIdle();
  }

  #finishWhenIdle(): void {
    if (this.#closing === undefined || this.#closing.flushed) return;
    if (this.#session?.idle !== true) return;
    this.#closing.flushed = true;
    this.#session.finish(false);
  }

  #onGreeting(greeting: GreetingDatagram, bytes: Uint8Array, from: Endpoint): boolean {
    // A sealed packet begins with any byte: what opens is none of the greeting.
    if (greeting.stage === "proof" && this.#session?.receive(bytes, from)) return true;
    if (this.#state.state !== "closed") this.#greeting.receive(greeting, from);
    return true;
  }

  #onPathSize(bytes: Uint8Array, kind: "probe" | "notice", from: Endpoint): boolean {
    this.#takeAsProof(from);
    const there = from.host === this.#remote.host && from.port === this.#remote.port;
    if (this.#pathSize === undefined || !there) this.counters.badSizes += 1;
    else if (kind === "probe") this.#pathSize.probe(bytes.length);
    else if (!this.#pathSize.notice(bytes)) this.counters.badSizes += 1;
    return there;
  }

  /** An original shows only by probing that it has understood us; where nothing must be proven. */
  #takeAsProof(from: Endpoint): void {
    const { secret, pin } = this.#settings;
    if (this.#session !== undefined || secret !== undefined || pin !== undefined) return;
    const candidate = this.#greeting.awaited(from);
    if (candidate !== undefined) this.#establish(candidate, from);
  }

  #onPacket(bytes: Uint8Array, from: Endpoint): boolean {
    if (this.#nonces.made(bytes)) {
      this.counters.reflected += 1;
      return true;
    }
    if (this.#session?.receive(bytes, from)) return true;
    if (this.#state.state === "closed") this.#last?.answerFinish(bytes, from);
    else if (this.#session === undefined) {
      const opened = bytes.length < 32 ? undefined : this.#greeting.open(bytes);
      if (opened !== undefined) {
        this.#establish(opened.candidate, from)?.take(
          opened.plaintext,
          bytes.subarray(0, 16),
          from,
        );
        return true;
      }
    }
    this.counters.undecipherable += 1;
    return false;
  }

  #newGreeting(key?: GreetingKey): Greeting {
    const { secret, pin, secretKey, clock } = this.#settings;
    const options = {
      key: key ?? greetingKey(secretKey),
      secret,
      pin,
      remote: this.#port.remote,
      passive: this.#port.passive,
      knownToFit: this.#established,
    };
    return new Greeting(options, {
      clock,
      counters: this.counters,
      send: (bytes, to) => this.#port.socket.send(bytes, to),
      proven: (candidate, from) => this.#establish(candidate, from),
      replaced: () => this.#replaced(),
      punched: () => this.#session?.hush(),
      refused: () => this.#end(refused(this.#remote)),
    });
  }

  #establish(candidate: Candidate, from: Endpoint): Session | undefined {
    const box = candidate.box();
    if (this.#session !== undefined || box === undefined) {
      // The last word of the greeting was lost: said again in a way that shows that we are there.
      this.#session?.showAgain();
      return this.#session;
    }
    this.#greeting.settle(candidate);
    this.#established = true;
    this.#move(from);
    const { session, pathSize } = established(box, from, {
      socket: this.#port.socket,
      settings: this.#settings,
      mailbox: this.#mailbox,
      nonces: this.#nonces,
      counters: this.counters,
      progressed: () => this.#finishWhenIdle(),
      moved: (to) => this.#move(to),
      finished: (error) => {
        this.#endSession(error);
        this.#end(error);
      },
      lost: (error) => this.#lose(error),
    });
    this.#session = session;
    this.#pathSize = pathSize;
    const authenticated = this.#settings.secret !== undefined || this.#settings.pin !== undefined;
    this.#tell({ state: "established", authenticated, remote: this.#remote });
    session.show();
    return session;
  }

  #move(to: Endpoint): void {
    const from = this.#remote;
    this.#remote = to;
    if (from.host !== to.host || from.port !== to.port) this.#port.moved?.(from, to);
  }

  #replaced(): boolean {
    this.#drop(replaced());
    return this.#state.state === "reconnecting";
  }

  /** Nothing was heard for too long: greets anew, with a key that nobody has seen. */
  #lose(error: SealwireError): void {
    this.#greeting.stop();
    this.#drop(error);
    if (this.#state.state !== "reconnecting") return;
    this.#greeting = this.#newGreeting();
    this.#greeting.start();
  }

  #drop(error: SealwireError): void {
    this.#endSession(error);
    if (!this.#port.reconnect || this.#closing !== undefined) this.#end(error);
    else this.#tell({ state: "reconnecting", reason: error });
  }

  /** What has left and is not acknowledged is lost; what has not left can go on in another. */
  #endSession(error: SealwireError | undefined): void {
    const session = this.#session;
    this.#session = undefined;
    this.#last = session ?? this.#last;
    this.#pathSize?.stop();
    this.#greeting.unsettle();
    for (const message of session?.abandon() ?? [])
      this.#mailbox.outbox.settle(message, unsent(error));
  }

  #end(error: SealwireError | undefined): void {
    if (this.#state.state === "closed") return;
    this.#greeting.stop();
    this.#pathSize?.stop();
    this.#cancelClosing?.();
    this.#mailbox.end(unsent(error), error);
    this.#tell(error === undefined ? CLOSED : { state: "closed", reason: error });
    this.#ended.open();
  }

  #tell(state: LinkState): void {
    this.#state = state;
    this.#port.onState?.(state);
  }
}

const CLOSED: LinkState = Object.freeze({ state: "closed" });
