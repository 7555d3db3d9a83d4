import type { Acknowledgement } from "./acknowledgement.ts";
import { type Packet, PSH } from "./packets.ts";
import { Reassembly, type ReassemblyLimits } from "./reassembly.ts";
import { distance } from "./sequence.ts";
import type { Counters } from "./statistics.ts";

/** What a receiver needs of its session. */
export interface ReceiverPort {
  readonly counters: Counters;
  /** Hands over a whole message. */
  deliver(message: Uint8Array): void;
  /** Bytes that the reader has room for; 0 or less: nothing more should come. */
  readonly roomBytes: number;
  sendAck(upTo: number, said: Acknowledgement, nowMs: number): void;
  /** Asks for a packet that is missing. */
  askFor(sequence: number, nowMs: number): void;
  readonly kin: boolean;
  readonly roundTripMs: number;
}

/** The receiving half of a session: order, messages, and when to acknowledge what. */
export class Receiver {
  readonly #port: ReceiverPort;
  readonly #parts: Reassembly;
  readonly #asked = new Map<number, number>();
  /** What was acknowledged last: it never goes back. */
  #told: number;
  #untold = 0;
  #echo = 0;
  #ackMs = Number.POSITIVE_INFINITY;
  #lastAckMs = Number.NEGATIVE_INFINITY;
  #askMs = Number.POSITIVE_INFINITY;
  #heldBackUntilMs = 0;
  #full = false;

  constructor(port: ReceiverPort, firstSequence: number, limits: ReassemblyLimits) {
    this.#port = port;
    this.#parts = new Reassembly(firstSequence, limits);
    this.#told = this.#parts.reached;
  }

  /** Takes a packet of data. Says whether it was new; `undefined`: it cannot be taken at all. */
  take(packet: Packet, nowMs: number): boolean | undefined {
    if (this.#port.roomBytes < -OVERFLOW_BYTES) {
      this.#port.counters.beyondWindow += 1;
      return false;
    }
    const hadGap = this.#parts.ranges.length > 0;
    const placing = this.#parts.take(packet, (message) => this.#port.deliver(message));
    if (placing === "too-large") return undefined;
    if (placing === "beyond") {
      this.#port.counters.beyondWindow += 1;
      return false;
    }
    this.#echo = packet.time;
    this.#untold += 1;
    if (placing === "again") this.#port.counters.replayed += 1;
    const gap = this.#parts.ranges.length > 0;
    if (!this.#port.kin) this.#watchGaps(packet.sequence, gap, nowMs);
    const urgent = (packet.control & PSH) !== 0 || placing === "again" || gap || hadGap;
    this.#ackSoon(urgent || this.#untold >= ACK_EACH, nowMs);
    return placing !== "again";
  }

  /** A peer of ours wants an answer to what it said at this time. */
  asked(time: number, nowMs: number): void {
    this.#echo = time;
    this.#ackSoon(true, nowMs);
  }

  /** The reader has taken something: those who wait for room may hear of it. */
  roomAgain(nowMs: number): void {
    this.#full = false;
    this.acknowledge(nowMs);
  }

  /** Does what is due; gives the moment of the next. */
  pump(nowMs: number): number {
    if (nowMs >= this.#ackMs) this.acknowledge(nowMs);
    if (nowMs >= this.#askMs) this.#askForMissing(nowMs);
    return Math.min(this.#ackMs, this.#askMs);
  }

  /** Says what has arrived; also as a sign of life. */
  acknowledge(nowMs: number, wantsAnswer = false): void {
    const roomBytes = this.#port.roomBytes;
    if (this.#mayTell(nowMs)) this.#told = this.#parts.reached;
    const said = {
      wantsAnswer,
      echo: this.#echo,
      windowBytes: Math.max(0, roomBytes),
      ranges: this.#parts.ranges,
    };
    this.#echo = 0;
    this.#untold = 0;
    this.#ackMs = Number.POSITIVE_INFINITY;
    this.#lastAckMs = nowMs;
    this.#port.sendAck(this.#told, said, nowMs);
  }

  get lastAckMs(): number {
    return this.#lastAckMs;
  }

  /**
   * An original stops when its buffer is full of what we have not acknowledged: the only way to
   * make it wait. And it dies of being asked for what was acknowledged, so the answer to a repaired
   * gap waits until the question must have arrived.
   */
  #mayTell(nowMs: number): boolean {
    if (this.#port.kin) return true;
    if (this.#port.roomBytes <= 0) this.#full = true;
    if (this.#full) return false;
    if (nowMs >= this.#heldBackUntilMs) return true;
    this.#ackMs = this.#heldBackUntilMs;
    return false;
  }

  #ackSoon(atOnce: boolean, nowMs: number): void {
    const due = atOnce && (nowMs - this.#lastAckMs >= 1 || this.#untold >= ACK_EACH);
    if (due && nowMs >= this.#heldBackUntilMs) this.acknowledge(nowMs);
    else {
      const dueMs = nowMs + (atOnce ? 1 : ACK_DELAY_MS);
      this.#ackMs = Math.min(this.#ackMs, Math.max(dueMs, this.#heldBackUntilMs));
    }
  }

  #watchGaps(arrived: number, gap: boolean, nowMs: number): void {
    if (this.#asked.delete(arrived)) this.#heldBackUntilMs = nowMs + HOLD_BACK_MS;
    if (!gap) {
      this.#asked.clear();
      this.#askMs = Number.POSITIVE_INFINITY;
    } else if (this.#askMs === Number.POSITIVE_INFINITY) {
      this.#askMs = nowMs + REORDER_MS;
    }
  }

  /** Each missing number once in a round trip, and never one that was acknowledged. */
  #askForMissing(nowMs: number): void {
    const againMs = Math.max(LEAST_ASK_AGAIN_MS, this.#port.roundTripMs * 1.5);
    let questions = 0;
    for (const sequence of this.#parts.missing()) {
      if (questions >= MOST_QUESTIONS) break;
      if (distance(this.#told, sequence) <= 0) continue;
      if (nowMs - (this.#asked.get(sequence) ?? Number.NEGATIVE_INFINITY) < againMs) continue;
      this.#asked.set(sequence, nowMs);
      this.#port.askFor(sequence, nowMs);
      questions += 1;
    }
    this.#askMs = this.#parts.ranges.length > 0 ? nowMs + REORDER_MS : Number.POSITIVE_INFINITY;
  }
}

const ACK_EACH = 8;
const ACK_DELAY_MS = 5;
/** Packets that overtake each other must not look like lost ones. */
const REORDER_MS = 15;
const HOLD_BACK_MS = 30;
const LEAST_ASK_AGAIN_MS = 100;
const MOST_QUESTIONS = 64;
/** A peer that does not heed our window may go so far beyond it; further data is dropped. */
const OVERFLOW_BYTES = 1_048_576;
