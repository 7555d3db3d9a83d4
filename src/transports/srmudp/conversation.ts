import type { DatagramSocket, Endpoint } from "../../core/contracts/datagram-socket.ts";
import type { SealwireError } from "../../core/model/errors.ts";
import type { Candidate } from "./candidate.ts";
import { kindOf } from "./datagram-kind.ts";
import { established } from "./established.ts";
import { replaced, unsent } from "./failures.ts";
import { Greeting } from "./greeting.ts";
import type { GreetingDatagram } from "./greeting-datagrams.ts";
import { type GreetingKey, greetingKey } from "./greeting-key.ts";
import type { Mailbox } from "./mailbox.ts";
import type { SrmudpSettings } from "./options.ts";
import { OwnNonces } from "./own-nonces.ts";
import type { PathSize } from "./path-size.ts";
import { BOX_BYTES } from "./sealed-box.ts";
import type { Session } from "./session.ts";
import { type Counters, newCounters } from "./statistics.ts";

/** What a conversation is given by its link, and tells it. */
export interface ConversationPort {
  readonly socket: DatagramSocket;
  readonly remote: Endpoint;
  /** Answers a peer that has come instead of going to one. */
  readonly passive?: boolean | undefined;
  /** Shared by the links of one listener. */
  readonly key?: GreetingKey | undefined;
  readonly mailbox: Mailbox;
  established(): void;
  /** A session is over. Whether there shall be another. */
  lost(error: SealwireError): boolean;
  finished(error: SealwireError | undefined): void;
  refused(): void;
  /** Something was acknowledged. */
  progressed(): void;
  moved(from: Endpoint, to: Endpoint): void;
}

/** Everything that goes over the wire of one link: greetings and, one after the other, sessions. */
export class Conversation {
  readonly counters: Counters = newCounters();
  readonly #settings: SrmudpSettings;
  readonly #port: ConversationPort;
  readonly #nonces = new OwnNonces();
  #greeting: Greeting;
  #session: Session | undefined;
  #last: Session | undefined;
  #pathSize: PathSize | undefined;
  #remote: Endpoint;
  #over = false;
  #takeStun: ((bytes: Uint8Array, from: Endpoint) => void) | undefined;

  constructor(settings: SrmudpSettings, port: ConversationPort) {
    this.#settings = settings;
    this.#port = port;
    this.#remote = port.remote;
    this.#greeting = this.#newGreeting(port.key);
  }

  get session(): Session | undefined {
    return this.#session;
  }

  get remote(): Endpoint {
    return this.#remote;
  }

  start(): void {
    this.#greeting.start();
  }

  /** Nothing is said any more, but that we have closed, to a peer that asks once more. */
  stop(error: SealwireError | undefined): void {
    this.#over = true;
    this.#greeting.stop();
    this.#endSession(error);
  }

  /** Who takes STUN answers, which come to the same socket as everything else. */
  receiveStun(take: (bytes: Uint8Array, from: Endpoint) => void): void {
    this.#takeStun = take;
  }

  /** Takes a datagram that has come to the socket. Says whether it was meant for us. */
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

  #onGreeting(greeting: GreetingDatagram, bytes: Uint8Array, from: Endpoint): boolean {
    // A sealed packet begins with any byte: what opens is none of the greeting.
    if (greeting.stage === "proof" && this.#session?.receive(bytes, from)) return true;
    if (!this.#over) this.#greeting.receive(greeting, from);
    return true;
  }

  #onPathSize(bytes: Uint8Array, kind: "probe" | "notice", from: Endpoint): boolean {
    if (!this.#over) this.#takeAsProof(from);
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
    if (this.#session?.receive(bytes, from) || this.#opens(bytes, from)) return true;
    if (this.#over) this.#last?.answerFinish(bytes, from);
    this.counters.undecipherable += 1;
    return false;
  }

  /** The peer's first packet proves as well as its proof, which may be lost. */
  #opens(bytes: Uint8Array, from: Endpoint): boolean {
    if (this.#over || this.#session !== undefined || bytes.length < BOX_BYTES) return false;
    const opened = this.#greeting.open(bytes);
    if (opened === undefined) return false;
    this.#establish(opened.candidate, from);
    this.session?.take(opened.plaintext, bytes.subarray(0, 16), from);
    return true;
  }

  #newGreeting(key?: GreetingKey, knownToFit = false): Greeting {
    const { secret, pin, secretKey, clock } = this.#settings;
    const { socket, remote, passive } = this.#port;
    const options = {
      key: key ?? greetingKey(secretKey),
      secret,
      pin,
      mutual: pin !== undefined && secretKey !== undefined,
      remote,
      lastRemote: this.#remote,
      passive,
      knownToFit,
    };
    return new Greeting(options, {
      clock,
      counters: this.counters,
      send: (bytes, to) => socket.send(bytes, to),
      proven: (candidate, from) => this.#establish(candidate, from),
      replaced: () => this.#lose(replaced()),
      punched: () => this.#session?.hush(),
      refused: () => this.#port.refused(),
    });
  }

  #establish(candidate: Candidate, from: Endpoint): void {
    const box = candidate.box();
    // The last word of the greeting was lost: said again in a way that shows that we are there.
    if (this.#session !== undefined) return this.#session.show(true);
    if (box === undefined) return;
    this.#greeting.settle(candidate);
    this.#move(from);
    const { session, pathSize } = established(box, from, {
      socket: this.#port.socket,
      settings: this.#settings,
      mailbox: this.#port.mailbox,
      nonces: this.#nonces,
      counters: this.counters,
      progressed: () => this.#port.progressed(),
      moved: (to) => this.#move(to),
      finished: (error) => this.#port.finished(error),
      lost: (error) => this.#loseForNow(error),
    });
    this.#session = session;
    this.#pathSize = pathSize;
    this.#port.established();
    session.show();
  }

  #move(to: Endpoint): void {
    const from = this.#remote;
    this.#remote = to;
    if (from.host !== to.host || from.port !== to.port) this.#port.moved(from, to);
  }

  #lose(error: SealwireError): boolean {
    this.#endSession(error);
    return this.#port.lost(error);
  }

  /** Nothing was heard for too long: greets anew, with a key that nobody has seen. */
  #loseForNow(error: SealwireError): void {
    this.#greeting.stop();
    if (!this.#lose(error)) return;
    this.#greeting = this.#newGreeting(undefined, true);
    this.#greeting.start();
  }

  /** What has left and is not acknowledged is lost; what has not left can go on in another. */
  #endSession(error: SealwireError | undefined): void {
    const session = this.#session;
    this.#session = undefined;
    this.#last = session ?? this.#last;
    this.#pathSize?.stop();
    this.#greeting.unsettle();
    const { outbox } = this.#port.mailbox;
    for (const message of session?.abandon() ?? []) outbox.settle(message, unsent(error));
  }
}
