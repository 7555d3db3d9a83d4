import type { Flight } from "./in-flight.ts";
import type { Counters } from "./statistics.ts";

/** What a sender needs of its session. */
export interface SenderPort {
  readonly counters: Counters;
  /** Sends one packet of data. */
  sendData(flight: Flight, nowMs: number): void;
  /** Sends an `ACK` that asks for one. */
  ask(nowMs: number): void;
  /** The peer speaks as we do and tells what it has received. */
  readonly kin: boolean;
  /** Data that fits into one packet. */
  readonly windowBytes: number;
}
