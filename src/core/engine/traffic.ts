import type { Clock } from "../contracts/clock.ts";
import type { Vocabulary } from "../contracts/dialect.ts";
import { SealwireError } from "../model/errors.ts";
import type { Message } from "../model/message.ts";
import type { ConnectionSetup, TrafficStatistics } from "./connection-setup.ts";
import type { Link } from "./handshake.ts";
import { type HeartbeatPort, startHeartbeat } from "./heartbeat.ts";
import { Intake, type IntakeOwner } from "./intake.ts";
import { receiveLoop } from "./receive-loop.ts";
import { SendQueue, type SendQueueOwner } from "./send-queue.ts";

/** What the traffic of a connection tells it. */
export interface TrafficOwner {
  ending(): boolean;
  receive(message: Message, bytes: number): void;
  /** As in `SendQueueOwner`. */
  refuse(message: Message, error: unknown): Message | undefined;
  /** The link is lost: the peer does not answer, or writing failed. */
  lost(error: SealwireError): void;
  drained(): void;
}

/** How long the last words of a connection may take. */
const LAST_WORDS_MS = 2_000;

/** What comes in and goes out of one connection, within bounds, and whether the peer is there. */
export class Traffic implements SendQueueOwner, IntakeOwner, HeartbeatPort {
  readonly clock: Clock;
  readonly #link: Link;
  readonly #setup: ConnectionSetup;
  readonly #owner: TrafficOwner;
  /** The way out. */
  readonly queue: SendQueue;
  readonly #intake: Intake;
  readonly #stopHeartbeat: (() => void) | undefined;
  #bufferedBytes = 0;
  #receivedBytes = 0;
  #receivedMessages = 0;
  #lastHeard: number;

  constructor(link: Link, setup: ConnectionSetup, vocabulary: Vocabulary, owner: TrafficOwner) {
    const { turn, clock } = setup;
    this.#link = link;
    this.#setup = setup;
    this.#owner = owner;
    this.clock = clock;
    this.#lastHeard = clock.now();
    this.queue = new SendQueue(link, turn, setup.limits.maxHeldBytes, this);
    this.#intake = new Intake(link.chunks, this);
    const asks = setup.heartbeat !== false && vocabulary.kinds.has("ping");
    this.#stopHeartbeat = asks ? startHeartbeat(this, setup.heartbeat || {}) : undefined;
  }

  refuse(message: Message, error: unknown): Message | undefined {
    return this.#owner.refuse(message, error);
  }

  fail(error: unknown): void {
    this.#owner.lost(SealwireError.from(error, "UNAVAILABLE"));
  }

  flushed(): void {
    this.#intake.recheck();
  }

  drained(): void {
    this.#owner.drained();
  }

  full(): boolean {
    return !this.#owner.ending() && this.#tooMuchOpen();
  }

  heard(bytes: number): void {
    this.#receivedBytes += bytes;
    this.#lastHeard = this.clock.now();
  }

  lastHeard(): number {
    return this.#lastHeard;
  }

  deaf(): boolean {
    return this.away || this.#behind();
  }

  ask(): void {
    if (!this.away) this.queue.push({ kind: "ping" });
  }

  lost(silentMs: number): boolean {
    const error = silent(silentMs);
    if (this.#link.lasting?.lose(error)) return true;
    this.#owner.lost(error);
    return false;
  }

  /** Whether there is no channel now, and there may be another. */
  get away(): boolean {
    return this.#link.lasting?.away ?? false;
  }

  /** Says that we end it: no other channel will follow. Without a reason only where that matters. */
  goodbye(reason: string | undefined): void {
    const first = this.#link.lasting?.stay();
    if (reason !== undefined) this.queue.push({ kind: "goodbye", reason });
    else if (first) this.queue.push({ kind: "goodbye" });
  }

  /** The peer said so. */
  left(): void {
    this.#link.lasting?.stay();
  }

  get statistics(): TrafficStatistics {
    return {
      sentBytes: this.queue.sentBytes,
      sentMessages: this.queue.sentMessages,
      receivedBytes: this.#receivedBytes,
      receivedMessages: this.#receivedMessages,
    };
  }

  /** Items of a stream have come into a buffer or, negative, left it. */
  buffered(bytes: number): void {
    this.#bufferedBytes += bytes;
    if (bytes < 0) this.#intake.recheck();
  }

  /** Reads until the peer ends; what it sends that is malformed is thrown. */
  async receive(): Promise<void> {
    const { early, framing, session } = this.#link;
    await receiveLoop(this.#intake, early, framing, session, (message, bytes) => {
      this.#receivedMessages += 1;
      this.#owner.receive(message, bytes);
    });
  }

  /** Gives what was said a moment to leave; a peer that does not read is not waited for. */
  async lastWords(): Promise<void> {
    let cancel = () => {};
    const late = new Promise<void>((resolve) => {
      cancel = this.#setup.clock.after(LAST_WORDS_MS, resolve);
    });
    await Promise.race([this.queue.emptied(), late]);
    cancel();
  }

  /** Nothing goes out any more, and what still comes in is only read to its end. */
  close(error: Error | undefined): void {
    this.#stopHeartbeat?.();
    this.queue.close();
    void this.#link.channel.close(error);
    this.#intake.open();
  }

  #tooMuchOpen(): boolean {
    return this.#behind() || this.queue.held > this.#setup.limits.maxHeldMessages;
  }

  /** Whether our own side is slow: nobody takes what has come, or handlers owe too many answers. */
  #behind(): boolean {
    const { limits } = this.#setup;
    const { heldAnswers = 0 } = this.#link.session;
    return (
      this.#bufferedBytes > limits.maxBufferedBytes || heldAnswers > limits.maxIncomingCalls / 2
    );
  }
}

function silent(silentMs: number): SealwireError {
  return new SealwireError("UNAVAILABLE", `the peer has said nothing for ${silentMs} ms`);
}
