import type { Endpoint } from "../../core/contracts/datagram-socket.ts";
import { type Acknowledgement, formatAcknowledgement } from "./acknowledgement.ts";
import type { Flight } from "./in-flight.ts";
import type { OwnNonces } from "./own-nonces.ts";
import { ACK, FIN, formatPacket, RTM } from "./packets.ts";
import type { Box } from "./sealed-box.ts";
import type { Counters } from "./statistics.ts";

/** What a writer needs of its session. */
export interface PacketWriterPort {
  readonly counters: Counters;
  readonly nonces: OwnNonces;
  send(bytes: Uint8Array, to: Endpoint): void;
}

/** Seals packets and sends them to where the peer is. */
export class PacketWriter {
  /** Where the peer is. */
  remote: Endpoint;
  #newestTime = 0;
  readonly #box: Box;
  readonly #port: PacketWriterPort;

  constructor(box: Box, remote: Endpoint, port: PacketWriterPort) {
    this.#box = box;
    this.remote = remote;
    this.#port = port;
  }

  /** Where the newest authentic packet came from is where the peer is. Whether that is new. */
  follow(from: Endpoint, time: number): boolean {
    if (time <= this.#newestTime) return false;
    this.#newestTime = time;
    const { host, port } = this.remote;
    if (from.host === host && from.port === port) return false;
    this.remote = from;
    return true;
  }

  data({ control, sequence, retry, data }: Flight, nowMs: number): void {
    this.#write(control, sequence, data, nowMs, retry);
  }

  ack(upTo: number, said: Acknowledgement, nowMs: number): void {
    this.#write(ACK, upTo, formatAcknowledgement(said), nowMs);
  }

  askFor(sequence: number, nowMs: number): void {
    this.#write(RTM, sequence, NOTHING, nowMs);
  }

  fin(words: Uint8Array, nowMs: number): void {
    this.#write(FIN, 0, words, nowMs);
  }

  #write(control: number, sequence: number, data: Uint8Array, nowMs: number, retry = 0): void {
    const packet = formatPacket({ control, sequence, retry, time: nowMs / 1_000, data });
    this.#port.counters.sentPackets += 1;
    this.#port.send(this.#box.seal(this.#port.nonces.next(), packet), this.remote);
  }
}

const NOTHING: Uint8Array = new Uint8Array(0);
