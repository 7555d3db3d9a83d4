import type { DatagramSocket, Endpoint } from "../../src/core/contracts/datagram-socket.ts";
import { randomBytes } from "../../src/crypto/random.ts";
import {
  formatProofDatagram,
  formatPublicKeyDatagram,
  formatSharedKeyDatagram,
  PROOF_TEXT,
  PUNCH,
  parseGreeting,
} from "../../src/transports/srmudp/greeting-datagrams.ts";
import { type GreetingKey, greetingKey } from "../../src/transports/srmudp/greeting-key.ts";
import { unwrap, wrap, wrappingKey } from "../../src/transports/srmudp/key-exchange.ts";
import { formatPacket, type Packet, parsePacket } from "../../src/transports/srmudp/packets.ts";
import { type Box, boxFor } from "../../src/transports/srmudp/sealed-box.ts";
import type { Network } from "./network.ts";

/**
 * An original's end, moved by hand: it says what a test makes it say and keeps what it hears. It
 * greets as an original does, a fresh session key for each public key, and probes the path.
 */
export class Original {
  readonly key: GreetingKey = greetingKey();
  readonly heard: Uint8Array[] = [];
  readonly packets: Packet[] = [];
  /** Session keys it has drawn, the last counts. */
  readonly drawn: Uint8Array[] = [];
  /** Whether it answers to greetings by itself. */
  greets = true;
  box: Box | undefined;
  mtu: number | undefined;
  readonly #network: Network;
  readonly #socket: DatagramSocket;
  readonly #remote: Endpoint;
  #largestProbe = 0;

  constructor(network: Network, here: Endpoint, remote: Endpoint) {
    this.#network = network;
    this.#socket = network.socket(here);
    this.#remote = remote;
    this.#socket.receive((bytes) => this.#take(bytes));
  }

  send(bytes: Uint8Array): void {
    this.#socket.send(bytes, this.#remote);
  }

  punch(): void {
    this.send(PUNCH);
  }

  sendKey(): void {
    this.send(formatPublicKeyDatagram(this.key.pem));
  }

  /** Draws a session key for the holder of a public key. */
  offer(pem: string): void {
    const wrapping = wrappingKey(this.key, pem);
    if (wrapping === undefined) throw new Error("no key");
    const drawn = randomBytes(32);
    this.drawn.push(drawn);
    this.box = boxFor(drawn);
    this.send(formatSharedKeyDatagram(this.key.pem, wrap(wrapping, drawn)));
  }

  prove(): void {
    const sealed = this.box?.seal(randomBytes(16), PROOF_TEXT);
    if (sealed !== undefined) this.send(formatProofDatagram(sealed));
  }

  /** Sends a packet; gives its datagram, for those who send it again. */
  packet(packet: Partial<Packet> & Pick<Packet, "control" | "sequence">): Uint8Array {
    const time = this.#network.clock.now() / 1_000;
    const whole = { retry: 0, time, data: new Uint8Array(0), ...packet };
    const datagram = this.box?.seal(randomBytes(16), formatPacket(whole));
    if (datagram === undefined) throw new Error("no session");
    this.send(datagram);
    return datagram;
  }

  probe(size: number): void {
    this.send(new Uint8Array(size).fill(0x23));
  }

  /** Both probes that an original sends, and what follows from the answers. */
  async probePath(): Promise<void> {
    this.probe(1_472);
    await this.#network.pass(50);
    this.probe(1_456);
    await this.#network.pass(150);
  }

  /** Its packets of one kind. */
  of(control: number): readonly Packet[] {
    return this.packets.filter((packet) => (packet.control & control) !== 0);
  }

  #take(bytes: Uint8Array): void {
    this.heard.push(bytes);
    const greeting = parseGreeting(bytes);
    if (greeting !== undefined && this.greets) this.#greet(bytes);
    else if (bytes.every((byte) => byte === 0x23)) this.#probed(bytes.length);
    else if (bytes.length === 4) this.mtu = new DataView(bytes.buffer).getUint32(0, true);
    const plaintext = this.box?.open(bytes);
    const packet = plaintext && parsePacket(plaintext);
    if (packet !== undefined) this.packets.push(packet);
  }

  #greet(bytes: Uint8Array): void {
    const greeting = parseGreeting(bytes);
    if (greeting?.stage === "punch") this.sendKey();
    if (greeting?.stage === "public-key") this.offer(greeting.pem);
    if (greeting?.stage !== "shared-key" || this.drawn.length > 0) return;
    const wrapping = wrappingKey(this.key, greeting.pem);
    const sessionKey = wrapping && unwrap(wrapping, greeting.wrapped);
    if (sessionKey === undefined) return;
    this.box = boxFor(sessionKey);
    this.prove();
  }

  #probed(size: number): void {
    if (size >= this.#largestProbe) {
      this.#largestProbe = size;
      return;
    }
    const notice = new Uint8Array(4);
    new DataView(notice.buffer).setUint32(0, this.#largestProbe, true);
    this.send(notice);
  }
}
