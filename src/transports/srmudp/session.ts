import { equalBytes } from "../../bytes/equal.ts";
import { encodeUtf8 } from "../../bytes/text.ts";
import type { Clock } from "../../core/contracts/clock.ts";
import type { Endpoint } from "../../core/contracts/datagram-socket.ts";
import { SealwireError } from "../../core/model/errors.ts";
import {
  type Acknowledgement,
  formatAcknowledgement,
  parseAcknowledgement,
} from "./acknowledgement.ts";
import { Alarm } from "./alarm.ts";
import type { Flight } from "./in-flight.ts";
import type { SrmudpSettings } from "./options.ts";
import type { Outbox } from "./outbox.ts";
import type { OwnNonces } from "./own-nonces.ts";
import { ACK, FIN, formatPacket, type Packet, parsePacket, RTM } from "./packets.ts";
import { Receiver, type ReceiverPort } from "./receiver.ts";
import { ReplayGuard } from "./replay-guard.ts";
import { BOX_BYTES, type Box } from "./sealed-box.ts";
import { Sender, type SenderPort } from "./sender.ts";
import type { Counters } from "./statistics.ts";

/** What a session needs and tells. */
export interface SessionPort {
  readonly clock: Clock;
  readonly counters: Counters;
  readonly nonces: OwnNonces;
  send(bytes: Uint8Array, to: Endpoint): void;
  deliver(message: Uint8Array): void;
  readonly roomBytes: number;
  /** The largest datagram that the path takes. */
  readonly datagramBytes: number;
  /** The peer speaks as we do: data may flow before the path's size is known. */
  kinFound(): void;
  /** Something was acknowledged. */
  progressed(): void;
  moved(remote: Endpoint): void;
  /** The peer has said that it closes; with an error when it broke off. */
  finished(error: SealwireError | undefined): void;
  /** Nothing was heard for too long, or the peer does what cannot be gone on with. */
  lost(error: SealwireError): void;
}

/** What two peers with one key say to each other, from the first packet to the last. */
export class Session implements SenderPort, ReceiverPort {
  readonly counters: Counters;
  readonly #port: SessionPort;
  readonly #box: Box;
  readonly #settings: SrmudpSettings;
  readonly #alarm: Alarm;
  readonly #sender: Sender;
  readonly #receiver: Receiver;
  readonly #replays = new ReplayGuard();
  #remote: Endpoint;
  #kin = false;
  #open = false;
  #over = false;
  #heardMs: number;
  #newestTime = 0;
  #hushedUntilMs = 0;
  #lastHushMs = Number.NEGATIVE_INFINITY;
  #finishing: { readonly data: Uint8Array; tries: number; nextMs: number } | undefined;

  constructor(
    box: Box,
    remote: Endpoint,
    outbox: Outbox,
    settings: SrmudpSettings,
    port: SessionPort,
  ) {
    const nowMs = port.clock.now();
    this.counters = port.counters;
    this.#port = port;
    this.#box = box;
    this.#settings = settings;
    this.#remote = remote;
    this.#heardMs = nowMs;
    this.#alarm = new Alarm(port.clock, () => this.pump());
    const first = settings.firstSequence;
    this.#sender = new Sender(this, outbox, first, nowMs);
    this.#receiver = new Receiver(this, first, {
      maxMessageBytes: settings.maxMessageBytes,
      maxHeldBytes: settings.maxHeldBytes,
    });
  }

  get kin(): boolean {
    return this.#kin;
  }

  get remote(): Endpoint {
    return this.#remote;
  }

  get windowBytes(): number {
    return this.#port.datagramBytes - BOX_BYTES - 14;
  }

  get roomBytes(): number {
    return this.#port.roomBytes;
  }

  get roundTripMs(): number {
    return this.#sender.roundTripMs;
  }

  get measuredRoundTripMs(): number | undefined {
    return this.#sender.leastRoundTripMs;
  }

  /** Everything handed over is acknowledged. */
  get idle(): boolean {
    return this.#sender.idle;
  }

  /** The peer is ready for data. */
  open(): void {
    if (this.#over || this.#open) return;
    this.#open = true;
    this.pump();
  }

  /** Shows what we are, until data flows; an original that is not ready yet does not mind. */
  show(): void {
    if (!this.#over && !this.#open) this.#receiver.acknowledge(this.#port.clock.now());
  }

  /** The peer's last word of the greeting has come again: it does not know that we are there. */
  showAgain(): void {
    if (!this.#over) this.#receiver.acknowledge(this.#port.clock.now());
  }

  /** The reader has taken something. */
  roomAgain(): void {
    if (this.#over) return;
    this.#receiver.roomAgain(this.#port.clock.now());
  }

  /**
   * The peer punches: if it was started anew, everything but greetings disturbs it. Short and
   * seldom, because anybody can send such a datagram.
   */
  hush(): void {
    const nowMs = this.#port.clock.now();
    if (nowMs - this.#lastHushMs < HUSH_PAUSE_MS) return;
    this.#lastHushMs = nowMs;
    this.#hushedUntilMs = nowMs + Math.min(LONGEST_HUSH_MS, 100 + 3 * this.roundTripMs);
    this.#alarm.by(this.#hushedUntilMs);
  }

  /** Takes a datagram that is no greeting. Says whether it was sealed with this session's key. */
  receive(bytes: Uint8Array, from: Endpoint): boolean {
    if (this.#over) return false;
    const plaintext = bytes.length < BOX_BYTES ? undefined : this.#box.open(bytes);
    if (plaintext === undefined) return false;
    this.take(plaintext, bytes.subarray(0, 16), from);
    return true;
  }

  /** Takes what was in an authentic datagram. */
  take(plaintext: Uint8Array, nonce: Uint8Array, from: Endpoint): void {
    const packet = parsePacket(plaintext);
    if (packet === undefined) {
      this.counters.senseless += 1;
      return;
    }
    const nowMs = this.#port.clock.now();
    if (!this.#accept(packet, nonce, nowMs)) return;
    this.counters.receivedPackets += 1;
    this.#heardMs = nowMs;
    this.#hushedUntilMs = 0;
    this.#follow(packet, from);
    if (!this.#over) this.pump();
  }

  /** Does what is due. */
  pump(): void {
    if (this.#over) return;
    const nowMs = this.#port.clock.now();
    const { timeoutMs, spanMs } = this.#settings;
    if (nowMs - this.#heardMs >= timeoutMs) return this.#port.lost(silent(timeoutMs));
    if (nowMs < this.#hushedUntilMs) return this.#alarm.by(this.#hushedUntilMs);
    const sendMs = this.#sender.pump(nowMs, this.#open);
    const receiveMs = this.#receiver.pump(nowMs);
    if (nowMs - this.#receiver.lastAckMs >= spanMs) this.#receiver.acknowledge(nowMs);
    const finishMs = this.#finish(nowMs);
    const pingMs = this.#receiver.lastAckMs + spanMs;
    const lostMs = this.#heardMs + timeoutMs;
    this.#alarm.by(Math.min(sendMs, receiveMs, finishMs, pingMs, lostMs));
  }

  /** Says that we close, again and again until the peer has answered or too often. */
  finish(brokenOff: boolean): void {
    if (this.#finishing !== undefined || this.#over) return;
    const data = brokenOff ? BROKEN_OFF : CLOSED;
    this.#finishing = { data, tries: 0, nextMs: this.#port.clock.now() };
    this.pump();
  }

  /** The end: nothing is sent any more. Gives what has left and is not acknowledged. */
  abandon(): ReturnType<Sender["abandon"]> {
    this.#over = true;
    this.#alarm.stop();
    return this.#sender.abandon();
  }

  /** After the end: a peer that asks again whether we have closed is told so. */
  answerFinish(bytes: Uint8Array, from: Endpoint): void {
    if (this.#port.nonces.made(bytes)) return;
    const plaintext = bytes.length < BOX_BYTES ? undefined : this.#box.open(bytes);
    const packet = plaintext && parsePacket(plaintext);
    if (packet === undefined || (packet.control & FIN) === 0 || answers(packet)) return;
    if (!this.#replays.fresh(bytes.subarray(0, 16), packet.time)) return;
    this.#remote = from;
    this.#send(FIN, 0, ANSWER, this.#port.clock.now());
  }

  sendData({ control, sequence, retry, data }: Flight, nowMs: number): void {
    this.#send(control, sequence, data, nowMs, retry);
  }

  sendAck(upTo: number, said: Acknowledgement, nowMs: number): void {
    this.#send(ACK, upTo, formatAcknowledgement(said), nowMs);
  }

  ask(nowMs: number): void {
    this.#receiver.acknowledge(nowMs, true);
  }

  askFor(sequence: number, nowMs: number): void {
    this.#send(RTM, sequence, NOTHING, nowMs);
  }

  deliver(message: Uint8Array): void {
    this.#port.deliver(message);
  }

  #send(control: number, sequence: number, data: Uint8Array, nowMs: number, retry = 0): void {
    const packet = formatPacket({ control, sequence, retry, time: nowMs / 1_000, data });
    this.counters.sentPackets += 1;
    this.#port.send(this.#box.seal(this.#port.nonces.next(), packet), this.#remote);
  }

  /** Handles one packet; whether it was fresh, so that the peer lives. */
  #accept(packet: Packet, nonce: Uint8Array, nowMs: number): boolean {
    const { control, sequence } = packet;
    if ((control & (ACK | FIN | RTM)) === 0) {
      const fresh = this.#receiver.take(packet, nowMs);
      if (fresh === undefined) this.#port.lost(tooLarge(this.#settings.maxMessageBytes));
      if (fresh === false) this.pump();
      return fresh === true;
    }
    if (!this.#replays.fresh(nonce, packet.time)) {
      this.counters.replayed += 1;
      return false;
    }
    if ((control & ACK) !== 0) return this.#onAck(packet, nowMs);
    if ((control & FIN) !== 0) return this.#onFin(packet, nowMs);
    // Originals ask late for what has arrived meanwhile: that is no offence.
    if (!this.#sender.repeat(sequence, nowMs)) this.counters.senseless += 1;
    return true;
  }

  #onAck(packet: Packet, nowMs: number): boolean {
    const said = parseAcknowledgement(packet.data);
    if (said !== undefined && !this.#kin) {
      this.#kin = true;
      this.#port.kinFound();
    }
    if (this.#sender.knows(packet.sequence)) {
      this.#sender.acknowledged(packet.sequence, said, nowMs);
      this.#port.progressed();
    }
    if (said?.wantsAnswer) this.#receiver.asked(packet.time, nowMs);
    return true;
  }

  #onFin(packet: Packet, nowMs: number): boolean {
    const answer = answers(packet);
    if (answer && this.#finishing === undefined) return true;
    if (!answer) this.#send(FIN, 0, ANSWER, nowMs);
    const broken = equalBytes(packet.data, BROKEN_OFF) ? brokenOff() : undefined;
    this.#port.finished(broken);
    return true;
  }

  #finish(nowMs: number): number {
    const finishing = this.#finishing;
    if (finishing === undefined) return Number.POSITIVE_INFINITY;
    if (nowMs >= finishing.nextMs) {
      if (finishing.tries >= FINISH_TRIES) {
        this.#port.finished(undefined);
        return Number.POSITIVE_INFINITY;
      }
      finishing.tries += 1;
      const pauseMs = Math.min(Math.max(2 * this.roundTripMs, 20), 500);
      finishing.nextMs = nowMs + pauseMs;
      this.#send(FIN, 0, finishing.data, nowMs);
    }
    return finishing.nextMs;
  }

  /** Where the newest authentic packet came from is where the peer is. */
  #follow(packet: Packet, from: Endpoint): void {
    if (packet.time <= this.#newestTime) return;
    this.#newestTime = packet.time;
    const { host, port } = this.#remote;
    if (from.host === host && from.port === port) return;
    this.#remote = from;
    this.#port.moved(from);
  }
}

function answers({ data }: Packet): boolean {
  return equalBytes(data, ANSWER);
}

const NOTHING: Uint8Array = new Uint8Array(0);
const CLOSED: Uint8Array = encodeUtf8("closed");
const BROKEN_OFF: Uint8Array = encodeUtf8("broken off");
const ANSWER: Uint8Array = encodeUtf8("been notified fin or reset");
const FINISH_TRIES = 5;
const HUSH_PAUSE_MS = 2_000;
const LONGEST_HUSH_MS = 500;

function silent(timeoutMs: number): SealwireError {
  const message = `nothing was heard of the peer for ${timeoutMs} ms; the path is taken for lost`;
  return new SealwireError("UNAVAILABLE", message);
}

function tooLarge(maxMessageBytes: number): SealwireError {
  const message =
    `the peer sends a message of more than ${maxMessageBytes} bytes; ` +
    "raise maxMessageBytes here or send less";
  return new SealwireError("TOO_LARGE", message);
}

function brokenOff(): SealwireError {
  return new SealwireError("UNAVAILABLE", "the peer broke the link off; connect again to go on");
}
