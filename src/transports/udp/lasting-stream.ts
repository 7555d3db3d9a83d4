import { Fruitless } from "./fruitless.ts";
import { Landing } from "./landing.ts";
import type { LastingStreamOptions, StreamPlace } from "./lasting-stream-options.ts";
import type { StreamState } from "./path-keeper-options.ts";
import { Retained } from "./retained.ts";
import type { Segment } from "./segment.ts";
import { Standstill } from "./standstill.ts";
import { changeRemote, type UdxStream } from "./udx.ts";

/**
 * One stream of bytes over successive streams of udx. udx sends again what was lost, but always to
 * where it was first sent, and gives up after some 15 seconds; so when a path has died, both sides
 * begin a new stream, the next epoch, and tell each other how many bytes they have: the rest is
 * sent again. So they do when something was damaged: a piece, or a number in a header of udx, after
 * which one side may wait for ever for what the other takes for delivered.
 */
export class LastingStream {
  readonly #options: LastingStreamOptions;
  readonly #retained = new Retained();
  #place: StreamPlace;
  #stream: UdxStream | undefined;
  #epoch = 0;
  /** Whether the other side has said what it has, in this epoch. */
  #agreed = true;
  #packetsBefore = 0;
  #state: "open" | "ending" | "closed" = "open";
  #peerEnded = false;
  readonly #standstill = new Standstill();
  readonly #fruitless = new Fruitless();
  #cancelMoveCheck: () => void = () => {};

  constructor(options: LastingStreamOptions) {
    this.#options = options;
    this.#place = options.place;
    this.#begin();
  }

  get epoch(): number {
    return this.#epoch;
  }

  /** How many bytes have come as they were sent, in all epochs. */
  get received(): number {
    return this.#options.received();
  }

  /** A number that changes with each packet that comes. */
  get packets(): number {
    return this.#packetsBefore + (this.#stream?.packetsReceived ?? 0);
  }

  /** What udx waits for an acknowledgement of. */
  get inFlightBytes(): number {
    return this.#stream?.inflight ?? 0;
  }

  get roundTripMs(): number {
    return this.#stream?.rtt ?? 0;
  }

  get bandwidth(): number {
    return this.#stream?.bbrBandwidth ?? 0;
  }

  /** Whether something waits for the other side. */
  get waiting(): boolean {
    return this.renewing || this.inFlightBytes > 0 || this.#retained.some;
  }

  /** Whether nothing leaves before the other side has said what it has. */
  get renewing(): boolean {
    return !this.#agreed;
  }

  /** Takes bytes until the other side has them; returns whether there is room for more. */
  write(segments: readonly Segment[]): boolean {
    for (const segment of segments) {
      if (this.#state === "open") this.#retained.add(segment);
      else segment.release?.();
    }
    if (this.#state !== "open") return true;
    return this.#agreed && this.#put(segments);
  }

  /** No more bytes; it closes when the other side has ended too. */
  end(): void {
    if (this.#state !== "open") return;
    this.#state = "ending";
    if (this.#agreed) this.#stream?.end();
  }

  /** The peer has sent its last byte. */
  peerEnded(): void {
    this.#peerEnded = true;
  }

  /** At once. */
  destroy(): void {
    if (this.#state === "closed") return;
    this.#leave();
    this.#close();
  }

  /** Goes on at another place. What is under way has so much time to be acknowledged. */
  move(place: StreamPlace, patienceMs: number): void {
    const stream = this.#stream;
    this.#place = place;
    const { socket, remote } = place;
    const numbers = this.#options.numbers(this.#epoch);
    if (stream === undefined || numbers === undefined) return;
    let arrived = stream.inflight === 0;
    changeRemote(stream, socket, numbers.remote, remote).then(
      () => {
        arrived = true;
      },
      () => {},
    );
    this.#cancelMoveCheck();
    this.#cancelMoveCheck = this.#options.clock.after(patienceMs, () => {
      if (!arrived && this.#stream === stream) this.renew();
    });
  }

  /** A long silence is over: what was under way, if anything, is lost. */
  revive(): void {
    if (this.inFlightBytes > 0) this.renew();
  }

  /** What is under way will not arrive: both sides begin anew. */
  renew(): void {
    if (this.#state === "closed") return;
    this.#leave();
    this.#epoch += 1;
    this.#begin();
    this.#options.onRenewing();
  }

  /** What the other side says of itself, each time that it says something. */
  hear({ epoch, received, arrived }: StreamState): void {
    if (this.#state === "closed" || epoch < this.#epoch) return;
    if (epoch > this.#epoch) {
      this.#leave();
      this.#epoch = epoch;
      this.#begin();
      // Our number of that epoch was in use: the other side hears first which one it is now.
      if (epoch < this.#epoch) return this.#options.onRenewing();
    }
    if (received < this.#retained.dropped && !this.#agreed)
      return this.#options.onBroken(FORGETFUL);
    this.#retained.drop(received);
    if (!this.#agreed) this.#resume();
    else if (this.#standsStill(arrived)) this.renew();
  }

  /** The other side has received so much, in whatever epoch. */
  release(received: number): void {
    this.#retained.drop(received);
  }

  /** What the other side sends may come at once; what we send waits until it says what it has. */
  #begin(): void {
    let numbers = this.#options.numbers(this.#epoch);
    while (numbers === undefined) {
      this.#epoch += 1;
      numbers = this.#options.numbers(this.#epoch);
    }
    const { socket, remote } = this.#place;
    const { udx, clock, needed } = this.#options;
    const landing = new Landing({ clock, needed, take: (come) => this.#take(come, stream) });
    const stream: UdxStream = udx.createStream(numbers.local, { firewall: () => false, landing });
    this.#stream = stream;
    this.#attach(stream);
    stream.connect(socket, numbers.remote, remote.port, remote.host);
  }

  #resume(): void {
    this.#agreed = true;
    this.#put(this.#retained.all());
    if (this.#state === "ending") this.#stream?.end();
    this.#options.onRoom();
  }

  #put(segments: readonly Segment[]): boolean {
    let hasRoom = true;
    for (const { bytes } of segments) hasRoom = this.#stream?.write(bytes) === true;
    return hasRoom;
  }

  #standsStill(arrived: number): boolean {
    if (arrived < this.#retained.end) {
      return this.#standstill.hear(arrived, this.#options.clock.now(), this.roundTripMs);
    }
    this.#standstill.forget();
    return false;
  }

  /** What comes after the end of a stream counts as used. */
  #take(come: Uint8Array, by: UdxStream): number {
    if (this.#stream !== by) return come.length;
    const used = this.#options.onBytes(come);
    if (used === undefined) this.#damaged();
    return used ?? come.length;
  }

  #attach(stream: UdxStream): void {
    const on = (event: "end" | "drain" | "close", told: () => void): void => {
      stream.on(event, () => {
        if (this.#stream === stream) told();
      });
    };
    // An end that the pieces have not announced is a damaged header.
    on("end", () => !this.#peerEnded && this.#damaged());
    on("drain", () => this.#options.onRoom());
    on("close", () => this.#onStreamClosed());
    // What went wrong is of no interest: whether the peer is there, its pings will tell.
    stream.on("error", () => {});
  }

  #damaged(): void {
    if (this.#fruitless.failed(this.received)) this.#options.onBroken(DAMAGED);
    else this.renew();
  }

  #onStreamClosed(): void {
    if (this.#peerEnded && this.#state === "ending") this.#close();
    else this.renew();
  }

  #leave(): void {
    const stream = this.#stream;
    this.#cancelMoveCheck();
    if (stream === undefined) return;
    this.#packetsBefore += stream.packetsReceived;
    this.#stream = undefined;
    this.#agreed = false;
    this.#standstill.forget();
    stream.destroy();
    this.#options.onRestart();
  }

  #close(): void {
    this.#state = "closed";
    this.#cancelMoveCheck();
    this.#retained.clear();
    this.#options.onClosed();
  }
}

const FORGETFUL = "the other end has lost bytes that it had";
const DAMAGED = "everything that comes is damaged, or the other end is of another version";
