import type { Endpoint } from "../../core/contracts/datagram-socket.ts";
import { showEndpoint } from "./address.ts";
import type { BoundEndpoint } from "./bound-endpoint.ts";
import { ChunkRuns } from "./chunk-runs.ts";
import type { PathControl } from "./control.ts";
import type { UdpChannel, UdpEndpoint, UdpPath } from "./endpoint-types.ts";
import { brokenStream, lost } from "./failures.ts";
import { FIRST_CREDIT_BYTES, Inflow } from "./inflow.ts";
import type { UdpSurroundings } from "./options.ts";
import { Outflow } from "./outflow.ts";
import { PathKeeper, type Route } from "./path-keeper.ts";
import type { PathProof } from "./path-proof.ts";
import { ReceiveQueue } from "./receive-queue.ts";
import { changeRemote, type UdxStream } from "./udx.ts";

/** What a channel is made of. */
export interface StreamChannelOptions extends UdpSurroundings {
  /** Not connected yet. */
  readonly stream: UdxStream;
  readonly remoteStream: number;
  readonly proof: PathProof;
  readonly route: Route<BoundEndpoint>;
  /** The bound socket behind an endpoint of the same network; throws for others. */
  readonly bound: (endpoint: UdpEndpoint) => BoundEndpoint;
  readonly onClosed: () => void;
}

/** A udx stream with credit and a kept path as a channel. */
export class StreamChannel implements UdpChannel {
  readonly boundaries = "lost";
  readonly #options: StreamChannelOptions;
  readonly #stream: UdxStream;
  readonly #keeper: PathKeeper<BoundEndpoint>;
  readonly #queue: ReceiveQueue;
  readonly #inflow: Inflow;
  readonly #outflow: Outflow;
  readonly #closed: Promise<void>;
  #open = true;
  #gone = false;
  /** What the peer may still send, and what the reader has taken since it was told. */
  #granted = FIRST_CREDIT_BYTES;
  #taken = 0;
  #pathTold: (path: UdpPath) => void = () => {};

  constructor(options: StreamChannelOptions) {
    const { stream, route, remoteStream } = options;
    this.#options = options;
    this.#stream = stream;
    this.#queue = new ReceiveQueue((bytes) => this.#onTaken(bytes));
    this.#inflow = new Inflow({
      data: (bytes) => this.#onData(bytes),
      credit: (bytes) => this.#outflow.grant(bytes),
    });
    this.#outflow = new Outflow((bytes) => stream.write(bytes));
    this.#closed = new Promise((resolve) => stream.on("close", resolve));
    stream.connect(route.via.socket, remoteStream, route.remote.port, route.remote.host);
    route.via.join(this);
    this.#keeper = this.#keepPath();
    this.#attach();
    this.#onTaken(options.limits.maxWaitingBytes - FIRST_CREDIT_BYTES);
  }

  get remote(): string {
    return showEndpoint(this.#keeper.route.remote);
  }

  get path(): UdpPath {
    return { remote: this.#keeper.route.remote, rttMs: this.#keeper.rttMs };
  }

  onPath(told: (path: UdpPath) => void): void {
    this.#pathTold = told;
  }

  /** A channel that is closed stays where it is. */
  async move(remote: Endpoint, via?: UdpEndpoint): Promise<void> {
    const bound = via === undefined ? this.#keeper.route.via : this.#options.bound(via);
    if (!this.#gone) this.#keeper.move({ via: bound, remote });
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
    return this.#outflow.write(chunks, release);
  }

  async close(reason?: Error): Promise<void> {
    this.#queue.end(reason);
    this.#queue.drop();
    if (reason !== undefined) this.#abort();
    else if (this.#open && !this.#gone) this.#endInOrder();
    this.#open = false;
    await this.#closed;
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return this.#queue;
  }

  #keepPath(): PathKeeper<BoundEndpoint> {
    const { clock, limits, proof, remoteStream, route } = this.#options;
    const stream = this.#stream;
    return new PathKeeper<BoundEndpoint>({
      ...{ clock, limits, proof, remoteStream, route },
      heard: () => stream.packetsReceived,
      inFlight: () => stream.inflight > 0,
      send: (control, to) => to.via.sendControl(control, to.remote),
      onMoved: (to, from) => this.#follow(to, from),
      onLost: (why) => this.#lose(why),
      count: (kind) => route.via.count(kind),
    });
  }

  #attach(): void {
    const stream = this.#stream;
    const runs = new ChunkRuns((run) => this.#takeRun(run));
    stream.on("data", (chunk) => runs.add(chunk));
    stream.on("end", () => {
      runs.flush();
      this.#onEnd();
    });
    stream.on("drain", () => this.#outflow.drained());
    stream.on("error", (error) => this.#lose(error.message, error));
    stream.on("close", () => {
      runs.flush();
      this.#onClosed();
    });
  }

  #takeRun(run: Uint8Array): void {
    this.#keeper.active();
    try {
      this.#inflow.push(run);
    } catch (error) {
      this.#queue.end(error instanceof Error ? error : undefined);
      this.#abort();
    }
  }

  #onData(bytes: Uint8Array): void {
    this.#granted -= bytes.length;
    if (this.#granted < 0) throw brokenStream("more bytes than were allowed");
    this.#queue.put(bytes);
  }

  /** Told in larger steps: a grant for each chunk would double the packets. */
  #onTaken(bytes: number): void {
    this.#taken += bytes;
    if (this.#taken * 4 < this.#options.limits.maxWaitingBytes || this.#gone) return;
    this.#granted += this.#taken;
    this.#outflow.tellCredit(this.#taken);
    this.#taken = 0;
  }

  #onEnd(): void {
    if (this.#inflow.whole) this.#queue.end();
    else this.#queue.end(lost(this.remote, "it ended in the middle"));
  }

  #follow(to: Route<BoundEndpoint>, from: Route<BoundEndpoint>): void {
    if (from.via !== to.via) from.via.leave(this);
    to.via.join(this);
    changeRemote(this.#stream, to.via.socket, this.#options.remoteStream, to.remote);
    this.#pathTold({ remote: to.remote, rttMs: undefined });
  }

  #lose(why: string, cause?: Error): void {
    this.#queue.end(lost(this.remote, why, cause));
    this.#abort();
  }

  #abort(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#keeper.stop();
    this.#outflow.stop();
    this.#stream.destroy();
  }

  #onClosed(): void {
    this.#gone = true;
    this.#keeper.stop();
    this.#outflow.stop();
    this.#queue.end(lost(this.remote));
    this.#keeper.route.via.leave(this);
    this.#options.onClosed();
  }

  #endInOrder(): void {
    const { clock, limits } = this.#options;
    const cancel = clock.after(limits.closeTimeoutMs, () => this.#abort(), true);
    this.#stream.on("close", cancel);
    this.#outflow.finish(() => this.#stream.end());
  }
}
