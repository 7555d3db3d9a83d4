import type { Endpoint } from "../../core/contracts/datagram-socket.ts";
import { type Acknowledgement, parseAcknowledgement } from "./acknowledgement.ts";
import { Alarm } from "./alarm.ts";
import { brokenOff, silent, tooLarge } from "./failures.ts";
import { Farewell, FIN_ANSWER, isBrokenOff, isFinAnswer } from "./farewell.ts";
import { Hush } from "./hush.ts";
import type { Flight } from "./in-flight.ts";
import type { SrmudpSettings } from "./options.ts";
import type { Outbox, Outgoing } from "./outbox.ts";
import { PacketWriter } from "./packet-writer.ts";
import { ACK, FIN, PACKET_HEAD_BYTES, type Packet, parsePacket, RTM } from "./packets.ts";
import { Receiver, type ReceiverPort } from "./receiver.ts";
import { ReplayGuard } from "./replay-guard.ts";
import { BOX_BYTES, type Box } from "./sealed-box.ts";
import { Sender } from "./sender.ts";
import type { SenderPort } from "./sender-port.ts";
import type { SessionPort } from "./session-port.ts";
import type { Counters } from "./statistics.ts";

/** What two peers with one key say to each other, from the first packet to the last. */
export class Session implements SenderPort, ReceiverPort {
  readonly counters: Counters;
  readonly #port: SessionPort;
  readonly #box: Box;
  readonly #settings: SrmudpSettings;
  readonly #alarm: Alarm;
  readonly #writer: PacketWriter;
  readonly #sender: Sender;
  readonly #receiver: Receiver;
  readonly #replays = new ReplayGuard();
  #kin = false;
  #open = false;
  #over = false;
  #heardMs: number;
  readonly #hush = new Hush();
  #farewell: Farewell | undefined;

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
    this.#writer = new PacketWriter(box, remote, port);
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
    return this.#writer.remote;
  }

  get windowBytes(): number {
    return this.#port.datagramBytes - BOX_BYTES - PACKET_HEAD_BYTES;
  }

  get roomBytes(): number {
    return this.#port.roomBytes;
  }

  get roundTripMs(): number {
    return this.#sender.roundTripMs;
  }

  get leastRoundTripMs(): number | undefined {
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

  /** Shows what we are, until data flows or `always`; an original that is not ready does not mind. */
  show(always = false): void {
    if (this.#over || (this.#open && !always)) return;
    this.#receiver.acknowledge(this.#port.clock.now());
  }

  /** The reader has taken something. */
  roomAgain(): void {
    if (!this.#over) this.#receiver.roomAgain(this.#port.clock.now());
  }

  /** The peer punches. */
  hush(): void {
    this.#hush.begin(this.#port.clock.now(), this.roundTripMs);
    this.pump();
  }

  /** Takes a datagram that is no greeting. Whether it was sealed with this session's key. */
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
    this.#hush.end();
    if (this.#writer.follow(from, packet.time)) this.#port.moved(from);
    this.pump();
  }

  /** Does what is due. */
  pump(): void {
    if (this.#over) return;
    const nowMs = this.#port.clock.now();
    const { timeoutMs, spanMs } = this.#settings;
    if (nowMs - this.#heardMs >= timeoutMs) return this.#port.lost(silent(timeoutMs));
    if (nowMs < this.#hush.untilMs) return this.#alarm.by(this.#hush.untilMs);
    const sendMs = this.#sender.pump(nowMs, this.#open);
    const receiveMs = this.#receiver.pump(nowMs);
    if (nowMs - this.#receiver.lastAckMs >= spanMs) this.#receiver.acknowledge(nowMs);
    const finishMs = this.#bid(nowMs);
    if (this.#over) return;
    const pingMs = this.#receiver.lastAckMs + spanMs;
    const lostMs = this.#heardMs + timeoutMs;
    this.#alarm.by(Math.min(sendMs, receiveMs, finishMs, pingMs, lostMs));
  }

  /** Says that we close, again and again until the peer has answered or too often. */
  finish(brokenOff: boolean): void {
    if (this.#farewell !== undefined || this.#over) return;
    this.#farewell = new Farewell(brokenOff);
    this.pump();
  }

  /** The end: nothing is sent any more. Gives what has left and is not acknowledged. */
  abandon(): readonly Outgoing[] {
    this.#over = true;
    this.#alarm.stop();
    return this.#sender.abandon();
  }

  /** After the end: a peer that asks again whether we have closed is told so. */
  answerFinish(bytes: Uint8Array, from: Endpoint): void {
    if (this.#port.nonces.made(bytes)) return;
    const plaintext = bytes.length < BOX_BYTES ? undefined : this.#box.open(bytes);
    const packet = plaintext && parsePacket(plaintext);
    if (packet === undefined || (packet.control & FIN) === 0 || isFinAnswer(packet.data)) return;
    if (!this.#replays.fresh(bytes.subarray(0, 16), packet.time)) return;
    this.#writer.remote = from;
    this.#writer.fin(FIN_ANSWER, this.#port.clock.now());
  }

  sendData(flight: Flight, nowMs: number): void {
    this.#writer.data(flight, nowMs);
  }

  sendAck(upTo: number, said: Acknowledgement, nowMs: number): void {
    this.#writer.ack(upTo, said, nowMs);
  }

  ask(nowMs: number): void {
    this.#receiver.acknowledge(nowMs, true);
  }

  askFor(sequence: number, nowMs: number): void {
    this.#writer.askFor(sequence, nowMs);
  }

  deliver(message: Uint8Array): void {
    this.#port.deliver(message);
  }

  /** Handles one packet; whether it was fresh, so that the peer lives. */
  #accept(packet: Packet, nonce: Uint8Array, nowMs: number): boolean {
    const { control, sequence } = packet;
    if ((control & (ACK | FIN | RTM)) === 0) {
      const fresh = this.#receiver.take(packet, nowMs);
      if (fresh === undefined) this.#port.lost(tooLarge(this.#settings.maxMessageBytes));
      else if (!fresh) this.pump();
      return fresh === true;
    }
    if (!this.#replays.fresh(nonce, packet.time)) {
      this.counters.replayed += 1;
      return false;
    }
    if ((control & ACK) !== 0) return this.#onAck(packet, nowMs);
    if ((control & FIN) !== 0) return this.#onFin(packet, nowMs);
    if (!this.#sender.repeat(sequence, nowMs)) this.counters.senseless += 1;
    return true;
  }

  #onAck(packet: Packet, nowMs: number): boolean {
    const said = parseAcknowledgement(packet.data);
    if (said !== undefined && !this.#kin) {
      // Data may flow before the size of the path is known.
      this.#kin = true;
      this.open();
    }
    if (this.#sender.knows(packet.sequence)) {
      this.#sender.acknowledged(packet.sequence, said, nowMs);
      this.#port.progressed();
    }
    if (said?.wantsAnswer) this.#receiver.asked(packet.time, nowMs);
    return true;
  }

  #onFin(packet: Packet, nowMs: number): boolean {
    const answer = isFinAnswer(packet.data);
    if (answer && this.#farewell === undefined) return true;
    if (!answer) this.#writer.fin(FIN_ANSWER, nowMs);
    this.#port.finished(isBrokenOff(packet.data) ? brokenOff() : undefined);
    return true;
  }

  /** Says goodbye if it is time; gives the moment to say it again. */
  #bid(nowMs: number): number {
    const words = this.#farewell?.say(nowMs, this.roundTripMs);
    if (words === "enough") this.#port.finished(undefined);
    else if (words !== undefined) this.#writer.fin(words, nowMs);
    return this.#farewell?.nextMs ?? Number.POSITIVE_INFINITY;
  }
}
