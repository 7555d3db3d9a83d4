import type { Endpoint } from "../../core/contracts/datagram-socket.ts";
import { endpointText } from "../../core/engine/endpoint-text.ts";
import type { BoundEndpoint } from "./bound-endpoint.ts";
import type { PathControl } from "./control.ts";
import type { UdpChannel, UdpEndpoint, UdpPath } from "./endpoint-types.ts";
import { brokenStream, lost } from "./failures.ts";
import { Flight } from "./flight.ts";
import { Inflow } from "./inflow.ts";
import { LastingStream } from "./lasting-stream.ts";
import { Outflow } from "./outflow.ts";
import { PathKeeper } from "./path-keeper.ts";
import type { Route } from "./path-keeper-options.ts";
import { type Count, FIRST_CREDIT_BYTES } from "./piece.ts";
import { ReceiveQueue } from "./receive-queue.ts";
import { ReceiveWindow } from "./receive-window.ts";
import type { Segment } from "./segment.ts";
import type { StreamChannelOptions } from "./stream-channel-options.ts";
import { TailProbe } from "./tail-probe.ts";

/** After a move, for what was under way over the old path; and three round trips more. */
const MOVE_PATIENCE_MS = 300;

/** A lasting stream with credit and a kept path, as a channel. */
export class StreamChannel implements UdpChannel {
  readonly boundaries = "lost";
  noticesDamage?: boolean;
  readonly #options: StreamChannelOptions;
  readonly #stream: LastingStream;
  readonly #keeper: PathKeeper<BoundEndpoint>;
  readonly #queue: ReceiveQueue;
  readonly #window: ReceiveWindow;
  readonly #inflow: Inflow;
  readonly #flight: Flight;
  readonly #outflow: Outflow;
  readonly #tail: TailProbe;
  readonly #closed: Promise<void>;
  #setClosed: () => void = () => {};
  #open = true;
  #gone = false;
  #pathTold: (path: UdpPath) => void = () => {};

  constructor(options: StreamChannelOptions) {
    const { route, limits } = options;
    this.#options = options;
    this.#queue = new ReceiveQueue((bytes) => this.#onTaken(bytes));
    this.#window = new ReceiveWindow({
      firstBytes: FIRST_CREDIT_BYTES,
      lowBytes: limits.maxWaitingBytes,
      highBytes: limits.maxWindowBytes,
    });
    this.#inflow = new Inflow(options.seeds.theirs, {
      data: (bytes) => this.#onData(bytes),
      credit: (bytes, count) => this.#onCredit(bytes, count),
      end: () => this.#onEnd(),
    });
    this.#closed = new Promise((resolve) => {
      this.#setClosed = resolve;
    });
    route.via.join(this);
    this.#stream = this.#makeStream();
    const { clock, pool, seeds } = options;
    const onRoom = () => this.#outflow.goOn();
    this.#flight = new Flight({ clock, path: this.#stream, onRoom });
    const put = (piece: readonly Segment[]) => this.#stream.write(piece);
    this.#outflow = new Outflow({ pool, seed: seeds.ours, put, flight: this.#flight });
    this.#keeper = this.#keepPath();
    this.#tail = this.#probeTail();
    this.#tellCredit(this.#window.toGrant());
  }

  get remote(): string {
    return endpointText(this.#keeper.route.remote);
  }

  get path(): UdpPath {
    return { remote: this.#keeper.route.remote, rttMs: this.#keeper.rttMs };
  }

  get packets(): number {
    return this.#stream.packets;
  }

  onPath(told: (path: UdpPath) => void): void {
    this.#pathTold = told;
  }

  /** A channel that is closed stays where it is. */
  async move(remote: Endpoint, via?: UdpEndpoint): Promise<void> {
    const bound = via === undefined ? this.#keeper.route.via : this.#options.bound(via);
    if (!this.#gone) this.#keeper.move({ via: bound, remote });
  }

  resend(): void {
    if (!this.#gone) this.#stream.renew();
  }

  /** A control datagram that names this channel. */
  receive(control: PathControl, from: Route<BoundEndpoint>): void {
    this.#keeper.receive(control, from);
  }

  write(chunks: readonly Uint8Array[], release?: () => void): Promise<void> | undefined {
    if (!this.#open || this.#gone) {
      release?.();
      return undefined;
    }
    this.#keeper.active();
    this.#tail.active();
    return this.#outflow.write(chunks, release);
  }

  async close(reason?: Error): Promise<void> {
    this.#queue.end(reason);
    this.#queue.drop();
    if (reason !== undefined) this.#abort(true);
    else if (this.#open && !this.#gone) this.#endInOrder();
    this.#open = false;
    await this.#closed;
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return this.#queue;
  }

  #makeStream(): LastingStream {
    const { udx, clock, numbers, route } = this.#options;
    return new LastingStream({
      ...{ udx, clock, numbers },
      place: { socket: route.via.socket, remote: route.remote },
      onBytes: (come) => this.#onBytes(come),
      needed: () => this.#inflow.needed,
      received: () => this.#inflow.verified,
      onRestart: () => this.#inflow.restart(),
      onRoom: () => this.#outflow.drained(),
      onClosed: () => this.#onClosed(),
      onRenewing: () => this.#keeper.ask(),
      onBroken: (why) => this.#lose(why),
    });
  }

  #keepPath(): PathKeeper<BoundEndpoint> {
    const { clock, limits, proof, remoteStream, route } = this.#options;
    const stream = this.#stream;
    return new PathKeeper<BoundEndpoint>({
      ...{ clock, limits, proof, remoteStream, route },
      heard: () => stream.packets,
      waiting: () => stream.waiting,
      urgent: () => stream.renewing,
      state: () => ({
        epoch: stream.epoch,
        received: stream.received,
        arrived: this.#inflow.arrived,
      }),
      onState: (state) => stream.hear(state),
      onRevived: () => stream.revive(),
      send: (control, to) => to.via.sendControl(control, to.remote),
      onMoved: (to, from) => this.#follow(to, from),
      onLost: (why) => this.#lose(why),
      count: (kind) => route.via.count(kind),
    });
  }

  #probeTail(): TailProbe {
    const stream = this.#stream;
    return new TailProbe({
      clock: this.#options.clock,
      packets: () => stream.packets,
      waiting: () => stream.inFlightBytes > 0,
      roundTripMs: () => stream.roundTripMs,
      // A byte more of credit: the smallest that can be said.
      probe: () => this.#tellCredit(this.#window.grant(1)),
    });
  }

  #onBytes(come: Uint8Array): number | undefined {
    this.#keeper.active();
    return this.#inflow.push(come);
  }

  #onData(bytes: Uint8Array): void {
    if (this.#window.received(bytes.length)) return this.#queue.put(bytes);
    this.#queue.end(brokenStream("more bytes than were allowed"));
    this.#abort(true);
  }

  #onCredit(bytes: number, { received, spares }: Count): void {
    this.#stream.release(received);
    this.#outflow.grant(bytes, spares);
  }

  #onTaken(bytes: number): void {
    if (this.#gone) return;
    this.#window.taken(bytes, this.#options.clock.now(), this.#keeper.rttMs);
    this.#tellCredit(this.#window.toGrant());
  }

  #tellCredit(bytes: number): void {
    if (bytes <= 0) return;
    const spares = this.noticesDamage === true && this.#inflow.spares;
    this.#outflow.tellCredit(bytes, { received: this.#stream.received, spares });
  }

  #onEnd(): void {
    this.#stream.peerEnded();
    this.#queue.end();
  }

  #follow(to: Route<BoundEndpoint>, from: Route<BoundEndpoint>): void {
    if (from.via !== to.via) from.via.leave(this);
    to.via.join(this);
    this.#flight.forget();
    const patienceMs = MOVE_PATIENCE_MS + 3 * (this.#keeper.rttMs ?? 0);
    this.#stream.move({ socket: to.via.socket, remote: to.remote }, patienceMs);
    this.#pathTold({ remote: to.remote, rttMs: undefined });
  }

  #lose(why: string): void {
    this.#queue.end(lost(this.remote, why));
    this.#abort(false);
  }

  #abort(tellPeer: boolean): void {
    if (this.#gone) return;
    if (tellPeer) this.#keeper.farewell();
    this.#stream.destroy();
  }

  #onClosed(): void {
    this.#gone = true;
    this.#keeper.stop();
    this.#tail.stop();
    this.#flight.stop();
    this.#outflow.stop();
    this.#queue.end(lost(this.remote));
    this.#keeper.route.via.leave(this);
    this.#options.onClosed();
    this.#setClosed();
  }

  #endInOrder(): void {
    const { clock, limits } = this.#options;
    const cancel = clock.after(limits.closeTimeoutMs, () => this.#abort(true), true);
    void this.#closed.then(cancel);
    this.#outflow.finish(() => {
      this.#outflow.tellEnd(this.#stream.received);
      this.#stream.end();
    });
  }
}
