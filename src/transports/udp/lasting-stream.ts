import { ChunkRuns } from "./chunk-runs.ts";
import type { LastingStreamOptions, StreamPlace } from "./lasting-stream-options.ts";
import type { StreamState } from "./path-keeper-options.ts";
import { Retained } from "./retained.ts";
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
  readonly #retained: Retained;
  #place: StreamPlace;
  #stream: UdxStream | undefined;
  #epoch = 0;
  /** Whether the other side has said what it has, in this epoch. */
  #agreed = true;
  #packetsBefore = 0;
  #state: "open" | "ending" | "closed" = "open";
  #peerEnded = false;
  readonly #standstill = new Standstill();
  #fruitless = { received: 0, epochs: 0 };
  #cancelMoveCheck: () => void = () => {};

  constructor(options: LastingStreamOptions) {
    this.#options = options;
    this.#retained = new Retained(options.pool);
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

  /** Takes bytes, which must not change any more; returns whether there is room for more. */
  write(bytes: Uint8Array): boolean {
    if (this.#state !== "open") return true;
    this.#retained.add(bytes);
    return this.#agreed && this.#stream?.write(bytes) === true;
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
    const stream = this.#options.udx.createStream(numbers.local, { firewall: () => false });
    this.#stream = stream;
    this.#attach(stream);
    stream.connect(socket, numbers.remote, remote.port, remote.host);
  }

  #resume(): void {
    this.#agreed = true;
    for (const bytes of this.#retained.all()) this.#stream?.write(bytes);
    if (this.#state === "ending") this.#stream?.end();
    this.#options.onRoom();
  }

  #standsStill(arrived: number): boolean {
    if (arrived < this.#retained.end) {
      return this.#standstill.hear(arrived, this.#options.clock.now(), this.roundTripMs);
    }
    this.#standstill.forget();
    return false;
  }

  #attach(stream: UdxStream): void {
    const runs = new ChunkRuns((run) => {
      if (this.#stream === stream && !this.#options.onBytes(run)) this.#damaged();
    });
    const current = (told: () => void) => () => {
      runs.flush();
      if (this.#stream === stream) told();
    };
    stream.on("data", (chunk) => runs.add(chunk));
    // An end that the pieces have not announced is a damaged header.
    stream.on(
      "end",
      current(() => {
        if (!this.#peerEnded) this.#damaged();
      }),
    );
    stream.on(
      "drain",
      current(() => this.#options.onRoom()),
    );
    // What went wrong is of no interest: whether the peer is there, its pings will tell.
    stream.on("error", () => {});
    stream.on(
      "close",
      current(() => this.#onStreamClosed()),
    );
  }

  /** Weather damages now and then; who damages everything is no peer. */
  #damaged(): void {
    const { received, epochs } = this.#fruitless;
    const again = this.received === received ? epochs + 1 : 1;
    this.#fruitless = { received: this.received, epochs: again };
    if (again > MOST_FRUITLESS) this.#options.onBroken(DAMAGED);
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

/** Epochs in a row that bring not one whole piece. */
const MOST_FRUITLESS = 64;
const FORGETFUL = "the other end has lost bytes that it had";
const DAMAGED = "everything that comes is damaged, or the other end is of another version";
