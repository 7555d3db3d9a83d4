import { join } from "../../bytes/join.ts";
import type { Range } from "./acknowledgement.ts";
import { EOF, type Packet } from "./packets.ts";
import { after, distance } from "./sequence.ts";

/** What a packet of data turned out to be. */
export type Placing = "next" | "ahead" | "again" | "beyond" | "too-large";

/** Limits of what may wait until it is whole. */
export interface ReassemblyLimits {
  readonly maxMessageBytes: number;
  /** Bytes that may be held beyond a gap. */
  readonly maxHeldBytes: number;
}

/** Puts packets in order and joins them to messages. */
export class Reassembly {
  readonly #limits: ReassemblyLimits;
  readonly #held = new Map<number, Packet>();
  /** What is held, as ranges, ascending. */
  #ranges: { first: number; last: number }[] = [];
  #parts: Uint8Array[] = [];
  #messageBytes = 0;
  #heldBytes = 0;
  #expected: number;

  constructor(firstSequence: number, limits: ReassemblyLimits) {
    this.#expected = firstSequence;
    this.#limits = limits;
  }

  /** The highest number received without a gap. */
  get reached(): number {
    return after(this.#expected, -1);
  }

  get ranges(): readonly Range[] {
    return this.#ranges;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Takes a packet; messages that became whole are handed to `deliver`, in order. */
  take(packet: Packet, deliver: (message: Uint8Array) => void): Placing {
    const ahead = distance(this.#expected, packet.sequence);
    if (ahead < 0 || this.#held.has(packet.sequence)) return "again";
    if (ahead > 0) return this.#hold(packet, ahead);
    if (!this.#append(packet, deliver)) return "too-large";
    for (;;) {
      const next = this.#held.get(this.#expected);
      if (next === undefined) break;
      this.#held.delete(next.sequence);
      this.#heldBytes -= next.data.length + HELD_COST_BYTES;
      if (!this.#append(next, deliver)) return "too-large";
    }
    this.#trim();
    return "next";
  }

  /** Numbers that are missing below something that has arrived, the lowest first. */
  *missing(): Generator<number> {
    let next = this.#expected;
    for (const { first, last } of this.#ranges) {
      for (; distance(next, first) > 0; next = after(next, 1)) yield next;
      next = after(last, 1);
    }
  }

  #append(packet: Packet, deliver: (message: Uint8Array) => void): boolean {
    this.#expected = after(this.#expected, 1);
    this.#messageBytes += packet.data.length;
    if (this.#messageBytes > this.#limits.maxMessageBytes) return false;
    this.#parts.push(packet.data);
    if ((packet.control & EOF) === 0) return true;
    const [only = packet.data] = this.#parts;
    const message = this.#parts.length === 1 ? only : join(this.#parts);
    this.#parts = [];
    this.#messageBytes = 0;
    deliver(message);
    return true;
  }

  #hold(packet: Packet, ahead: number): Placing {
    const bytes = packet.data.length + HELD_COST_BYTES;
    const tooMuch = this.#heldBytes + bytes > this.#limits.maxHeldBytes;
    if (tooMuch || ahead > FARTHEST) return "beyond";
    this.#held.set(packet.sequence, packet);
    this.#heldBytes += bytes;
    this.#mark(packet.sequence);
    return "ahead";
  }

  #mark(sequence: number): void {
    const ranges = this.#ranges;
    let at = ranges.length;
    while (at > 0 && distance(ranges[at - 1]?.first ?? sequence, sequence) < 0) at -= 1;
    const before = ranges[at - 1];
    const behind = ranges[at];
    const joinsBefore = before !== undefined && after(before.last, 1) === sequence;
    const joinsBehind = behind !== undefined && after(sequence, 1) === behind.first;
    if (joinsBefore && joinsBehind) {
      before.last = behind.last;
      ranges.splice(at, 1);
    } else if (joinsBefore) before.last = sequence;
    else if (joinsBehind) behind.first = sequence;
    else ranges.splice(at, 0, { first: sequence, last: sequence });
  }

  #trim(): void {
    while (this.#ranges.length > 0) {
      const [first] = this.#ranges;
      if (first === undefined || distance(this.#expected, first.last) >= 0) return;
      this.#ranges.shift();
    }
  }
}

/** What a held packet counts beside its bytes. */
const HELD_COST_BYTES = 128;
/** Numbers farther ahead are not of this session's present. */
const FARTHEST = 65_536;
