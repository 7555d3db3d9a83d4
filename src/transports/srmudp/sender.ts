import { type Acknowledgement, MAX_RANGES } from "./acknowledgement.ts";
import { Congestion } from "./congestion.ts";
import { type Flight, InFlight } from "./in-flight.ts";
import type { Outbox, Outgoing } from "./outbox.ts";
import { Pace } from "./pace.ts";
import { EOF, PSH } from "./packets.ts";
import { RoundTrip } from "./round-trip.ts";
import { roundTripSample } from "./round-trip-sample.ts";
import type { SenderPort } from "./sender-port.ts";
import { after } from "./sequence.ts";
import { Silence } from "./silence.ts";

/** The sending half of a session: cuts messages, keeps the pace, repeats what was lost. */
export class Sender {
  readonly #port: SenderPort;
  readonly #outbox: Outbox;
  readonly #flights: InFlight;
  readonly #roundTrip = new RoundTrip();
  readonly #congestion: Congestion;
  readonly #pace: Pace;
  #lost: Flight[] = [];
  #peerWindowBytes = FIRST_WINDOW_BYTES;
  #sincePush = 0;
  /** Packets that may leave although nothing says that there is room: to learn whether there is. */
  #beyond = 0;
  readonly #silence: Silence;

  constructor(port: SenderPort, outbox: Outbox, firstSequence: number, nowMs: number) {
    this.#port = port;
    this.#outbox = outbox;
    this.#flights = new InFlight(firstSequence);
    this.#congestion = new Congestion(this.#roundTrip, LARGEST_PAYLOAD_BYTES, nowMs);
    this.#pace = new Pace(nowMs);
    this.#silence = new Silence(this.#roundTrip, nowMs);
  }

  get roundTripMs(): number {
    return this.#roundTrip.smoothedMs;
  }

  get leastRoundTripMs(): number | undefined {
    return this.#roundTrip.known ? this.#roundTrip.leastMs : undefined;
  }

  /** Everything handed over is acknowledged. */
  get idle(): boolean {
    return this.#flights.size === 0 && this.#outbox.empty;
  }

  /** Whether this number can be the answer to what was sent. */
  knows(sequence: number): boolean {
    return this.#flights.knows(sequence);
  }

  /** Everything up to this number has arrived, and what `said` names beyond. */
  acknowledged(upTo: number, said: Acknowledgement | undefined, nowMs: number): void {
    const gone = this.#flights.acknowledge(upTo);
    const beyond = said === undefined ? [] : this.#flights.arrived(said.ranges);
    const fresh = gone.filter(({ state }) => state !== "there").concat(beyond);
    const sampleMs = roundTripSample(gone, said, nowMs);
    this.#learn(fresh, nowMs);
    if (sampleMs !== undefined) this.#roundTrip.measured(sampleMs, nowMs);
    if (said !== undefined) {
      this.#peerWindowBytes = said.windowBytes;
      this.#findLost(said, nowMs, sampleMs);
    }
    if (fresh.length > 0) {
      this.#silence.broken(nowMs);
      this.#await();
    }
    for (const { message, last } of gone) if (last) this.#outbox.settle(message);
  }

  /** The peer asks for this packet again. Whether it can still be given. */
  repeat(sequence: number, nowMs: number): boolean {
    const flight = this.#flights.at(sequence);
    if (flight === undefined) return false;
    const justSent = nowMs - flight.departure.sentMs < this.#roundTrip.leastMs / 2;
    if (flight.state !== "flying" || (justSent && flight.retry > 0)) return true;
    this.#congestion.lost(flight.data.length);
    this.#flights.lose(flight);
    this.#lost.push(flight);
    return true;
  }

  /** Sends what may leave now; gives the moment when there will be something to do. */
  pump(nowMs: number, mayBegin: boolean): number {
    this.#probe(nowMs);
    this.#pace.earn(nowMs, this.#congestion.rate);
    const repeated = this.#repeatLost(nowMs);
    while (mayBegin && this.#mayLeave() && this.#sendNext(nowMs));
    // An original takes what it holds only when something else arrives.
    if (repeated && !this.#port.kin) this.#port.ask(nowMs);
    this.#await();
    return Math.min(this.#silence.dueMs, this.#paceMs(nowMs, mayBegin));
  }

  /** The session is over: what has left in part is lost, oldest first. */
  abandon(): readonly Outgoing[] {
    const lost = new Set(this.#flights.rest().map(({ message }) => message));
    const started = this.#outbox.takeStarted();
    if (started !== undefined) lost.add(started);
    return [...lost];
  }

  #learn(fresh: readonly Flight[], nowMs: number): void {
    let bytes = 0;
    let latest: Flight | undefined;
    for (const flight of fresh) {
      bytes += flight.data.length;
      if (latest === undefined || flight.departure.sentMs > latest.departure.sentMs) {
        latest = flight;
      }
    }
    if (latest === undefined) return;
    this.#congestion.arrived(bytes, latest.departure, this.#flights.flyingBytes, nowMs);
  }

  /**
   * What left clearly earlier than something that has arrived is lost (RFC 8985, section 6.2). The
   * echo names when the packet left that made the peer speak, so this works for the last ones too.
   */
  #findLost(said: Acknowledgement, nowMs: number, sampleMs: number | undefined): void {
    if (sampleMs === undefined || this.#flights.size === 0) return;
    const patienceMs = Math.max(LEAST_PATIENCE_MS, this.#roundTrip.leastMs / 4);
    const told = said.ranges.length === MAX_RANGES ? said.ranges.at(-1)?.last : undefined;
    const upTo = told ?? after(this.#flights.next, -1);
    for (const flight of this.#flights.overdue(nowMs - sampleMs - patienceMs, upTo)) {
      this.#congestion.lost(flight.data.length);
      this.#lost.push(flight);
    }
  }

  #await(): void {
    const awaited = this.#flights.size > 0 || this.#blockedByPeer();
    this.#silence.await(awaited, this.#port.kin ? LEAST_PROBE_MS : LEAST_REPEAT_MS);
  }

  /** Nothing was heard for too long: the end of what was sent may be lost, or its answer. */
  #probe(nowMs: number): void {
    if (!this.#silence.notice(nowMs)) return;
    this.#await();
    if (this.#port.kin) this.#port.ask(nowMs);
    else this.#suspect(nowMs);
  }

  /**
   * An original says only once what it misses, and acknowledges nothing twice: what was repeated
   * may be lost again, and a packet that is new to it may be the only way to an answer.
   */
  #suspect(nowMs: number): void {
    const { first, last } = this.#flights;
    const ends = this.#outbox.empty ? [first, last] : [first];
    const again = this.#flights.repeatedBefore(nowMs - this.#roundTrip.timeoutMs(LEAST_REPEAT_MS));
    for (const flight of new Set([...ends, ...again])) {
      if (flight?.state !== "flying") continue;
      flight.control |= PSH;
      this.#flights.lose(flight);
      this.#lost.push(flight);
    }
    if (this.#flights.heldBytes < ORIGINAL_BUFFER_BYTES) this.#beyond = BEYOND_PACKETS;
  }

  #repeatLost(nowMs: number): boolean {
    let some = false;
    while (this.#lost.length > 0 && (this.#pace.open || !some)) {
      const flight = this.#lost.shift();
      if (flight?.state !== "lost" || this.#flights.at(flight.sequence) !== flight) continue;
      this.#flights.repeated(flight, this.#departs(nowMs));
      this.#port.counters.repeatedPackets += 1;
      this.#leave(flight, nowMs);
      some = true;
    }
    return some;
  }

  #mayLeave(): boolean {
    if (this.#blockedByPeer() || this.#flights.size >= MOST_PACKETS) return false;
    if (this.#beyond > 0) return true;
    return this.#pace.open && this.#flights.flyingBytes < this.#limitBytes();
  }

  #blockedByPeer(): boolean {
    if (this.#outbox.empty || !this.#port.kin) return false;
    return this.#flights.heldBytes >= this.#peerWindowBytes;
  }

  /** An original reads into a buffer of the system's usual size, and acknowledges only `PSH`. */
  #limitBytes(): number {
    const most = this.#port.kin ? MOST_BYTES : ORIGINAL_PACKETS * LARGEST_PAYLOAD_BYTES;
    return Math.min(this.#congestion.windowBytes, most);
  }

  #sendNext(nowMs: number): boolean {
    const piece = this.#outbox.next(this.#port.windowBytes);
    if (piece === undefined) return false;
    this.#sincePush += 1;
    const push = piece.last || this.#sincePush >= PUSH_EACH || this.#beyond > 0;
    if (this.#beyond > 0) this.#beyond -= 1;
    if (push) this.#sincePush = 0;
    const flight: Flight = {
      sequence: this.#flights.next,
      control: (push ? PSH : 0) | (piece.last ? EOF : 0),
      data: piece.data,
      message: piece.message,
      last: piece.last,
      departure: this.#departs(nowMs),
      retry: 0,
      state: "flying",
    };
    if (this.#flights.size === 0) this.#silence.begins(nowMs);
    this.#flights.add(flight);
    this.#leave(flight, nowMs);
    return true;
  }

  #departs(nowMs: number) {
    return this.#congestion.departs(this.#flights.flyingBytes, nowMs, this.#outbox.empty);
  }

  #leave(flight: Flight, nowMs: number): void {
    this.#pace.spend(flight.data.length);
    this.#port.sendData(flight, nowMs);
    if (this.#silence.dueMs === Number.POSITIVE_INFINITY) this.#await();
  }

  /** When the pace lets the next packet leave; acknowledgements wake us for all else. */
  #paceMs(nowMs: number, mayBegin: boolean): number {
    const waiting = this.#lost.length > 0 || (mayBegin && !this.#outbox.empty);
    if (!waiting || this.#pace.open) return Number.POSITIVE_INFINITY;
    return this.#pace.nextMs(nowMs);
  }
}

const LARGEST_PAYLOAD_BYTES = 1_426;
const PUSH_EACH = 8;
const FIRST_WINDOW_BYTES = 131_072;
const MOST_BYTES = 16 * 1_048_576;
const MOST_PACKETS = 16_384;
const ORIGINAL_PACKETS = 64;
const LEAST_PATIENCE_MS = 3;
const LEAST_PROBE_MS = 10;
const LEAST_REPEAT_MS = 100;
const BEYOND_PACKETS = 2;
const ORIGINAL_BUFFER_BYTES = 262_144;
