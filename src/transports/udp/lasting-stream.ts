import type { Clock } from "../../core/contracts/clock.ts";
import { ChunkRuns } from "./chunk-runs.ts";
import type { PartPool } from "./part-pool.ts";
import { Retained } from "./retained.ts";
import { changeRemote, type Udx, type UdxAddress, type UdxSocket, type UdxStream } from "./udx.ts";

/** Where a stream of udx leads. */
export interface StreamPlace {
  readonly socket: UdxSocket;
  readonly remote: UdxAddress;
}

/** The numbers of one stream of udx at both sides. */
export interface StreamNumbers {
  readonly local: number;
  readonly remote: number;
}

/** What a lasting stream works with, and whom it tells. */
export interface LastingStreamOptions {
  readonly udx: Udx;
  readonly clock: Clock;
  readonly pool: PartPool;
  readonly place: StreamPlace;
  /** The numbers of the stream of an epoch; `undefined` when ours is in use already. */
  readonly numbers: (epoch: number) => StreamNumbers | undefined;
  readonly onBytes: (bytes: Uint8Array) => void;
  /** The peer has sent its last byte. */
  readonly onEnd: () => void;
  readonly onRoom: () => void;
  /** Both sides have ended, or it was destroyed. */
  readonly onClosed: () => void;
  /** The peer must soon hear which epoch we are in. */
  readonly onRenewing: () => void;
  /** The other side lacks what it said before that it has. */
  readonly onBroken: () => void;
}

/**
 * One stream of bytes over successive streams of udx. udx sends again what was lost, but always to
 * where it was first sent, and gives up after some 15 seconds; so when a path has died, both sides
 * begin a new stream, the next epoch, and tell each other how many bytes they have: the rest is
 * sent again.
 */
export class LastingStream {
  readonly #options: LastingStreamOptions;
  readonly #retained: Retained;
  #place: StreamPlace;
  #stream: UdxStream | undefined;
  #epoch = 0;
  #received = 0;
  #packetsBefore = 0;
  #state: "open" | "ending" | "closed" = "open";
  #peerEnded = false;
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

  /** How many bytes have come, in all epochs. */
  get received(): number {
    return this.#received;
  }

  /** A number that changes with each packet that comes. */
  get packets(): number {
    return this.#packetsBefore + (this.#stream?.packetsReceived ?? 0);
  }

  /** Whether something waits for the other side. */
  get waiting(): boolean {
    return this.#stream === undefined || this.#stream.inflight > 0;
  }

  /** Takes bytes, which must not change any more; returns whether there is room for more. */
  write(bytes: Uint8Array): boolean {
    if (this.#state !== "open") return true;
    this.#retained.add(bytes);
    return this.#stream?.write(bytes) ?? false;
  }

  /** No more bytes; it closes when the other side has ended too. */
  end(): void {
    if (this.#state !== "open") return;
    this.#state = "ending";
    this.#stream?.end();
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
    if (stream === undefined) return;
    const { socket, remote } = place;
    const numbers = this.#options.numbers(this.#epoch);
    if (numbers === undefined) return;
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
    if ((this.#stream?.inflight ?? 0) > 0) this.renew();
  }

  /** What is under way will not arrive: both sides begin anew. */
  renew(): void {
    if (this.#state === "closed" || this.#stream === undefined) return;
    this.#leave();
    this.#epoch += 1;
    this.#options.onRenewing();
  }

  /** What the other side says of itself, each time that it says something. */
  hear(epoch: number, received: number): void {
    if (this.#state === "closed" || epoch < this.#epoch) return;
    if (epoch > this.#epoch || this.#stream === undefined) {
      this.#leave();
      this.#epoch = epoch;
      if (received < this.#retained.dropped) return this.#options.onBroken();
      this.#retained.drop(received);
      this.#begin();
    } else {
      this.#retained.drop(received);
    }
  }

  #begin(): void {
    const numbers = this.#options.numbers(this.#epoch);
    if (numbers === undefined) {
      // By chance another stream here has this number; the next epoch has others.
      this.#epoch += 1;
      return this.#options.onRenewing();
    }
    const { socket, remote } = this.#place;
    const stream = this.#options.udx.createStream(numbers.local, { firewall: () => false });
    this.#stream = stream;
    this.#attach(stream);
    stream.connect(socket, numbers.remote, remote.port, remote.host);
    for (const bytes of this.#retained.all()) stream.write(bytes);
    if (this.#state === "ending") stream.end();
    if (this.#epoch > 0) this.#options.onRoom();
  }

  #attach(stream: UdxStream): void {
    const runs = new ChunkRuns((run) => {
      if (this.#stream !== stream) return;
      this.#received += run.length;
      this.#options.onBytes(run);
    });
    const current = (told: () => void) => () => {
      runs.flush();
      if (this.#stream === stream) told();
    };
    stream.on("data", (chunk) => runs.add(chunk));
    stream.on(
      "end",
      current(() => {
        this.#peerEnded = true;
        this.#options.onEnd();
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
    stream.destroy();
  }

  #close(): void {
    this.#state = "closed";
    this.#cancelMoveCheck();
    this.#retained.clear();
    this.#options.onClosed();
  }
}
