import { SealwireError } from "../../core/model/errors.ts";
import { randomBytes } from "../../crypto/random.ts";
import { BoundEndpoint } from "./bound-endpoint.ts";
import type { PathControl } from "./control.ts";
import type { AgreedPath, UdpEndpoint } from "./endpoint-types.ts";
import type { StreamNumbers } from "./lasting-stream-options.ts";
import type { UdpSurroundings } from "./options.ts";
import { PartPool } from "./part-pool.ts";
import type { Route } from "./path-keeper-options.ts";
import { laterStream, type PathProof } from "./path-proof.ts";
import type { StreamChannel } from "./stream-channel.ts";
import type { Udx } from "./udx.ts";

/** Channels that ended and are still answered for; beyond, the oldest is forgotten. */
const MAX_ENDED = 4_096;

/** What is known of a channel that ended. */
export interface EndedChannel {
  readonly proof: PathProof;
  readonly remoteStream: number;
}

/** The channels of a network by the numbers of their streams, over all of its sockets. */
export class ChannelTable {
  readonly udx: Udx;
  readonly surroundings: UdpSurroundings;
  readonly pool: PartPool = new PartPool();
  readonly #channels = new Map<number, StreamChannel>();
  readonly #reserved = new Set<number>();
  readonly #ended = new Map<number, EndedChannel & { readonly untilMs: number }>();

  constructor(udx: Udx, surroundings: UdpSurroundings) {
    this.udx = udx;
    this.surroundings = surroundings;
  }

  has(stream: number): boolean {
    return this.#channels.has(stream) || this.#reserved.has(stream);
  }

  /** A random number that no stream has: udx takes whatever names its stream, from anywhere. */
  reserve(): number {
    for (;;) {
      const bytes = randomBytes(4);
      const stream = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
      if (stream === 0 || this.has(stream) || this.#ended.has(stream)) continue;
      this.#reserved.add(stream);
      return stream;
    }
  }

  unreserve(stream: number): void {
    this.#reserved.delete(stream);
  }

  add(stream: number, channel: StreamChannel): void {
    this.#channels.set(stream, channel);
  }

  /** The channel has ended; pings of the peer, who may not know, are answered for a while. */
  remove(stream: number, ended: EndedChannel): void {
    const nowMs = this.surroundings.clock.now();
    this.#channels.delete(stream);
    for (const [old, { untilMs }] of this.#ended) {
      if (untilMs > nowMs && this.#ended.size < MAX_ENDED) break;
      this.#ended.delete(old);
    }
    const untilMs = nowMs + this.surroundings.limits.silenceTimeoutMs;
    this.#ended.set(stream, { ...ended, untilMs });
  }

  /**
   * The numbers of the streams of an epoch of a channel: the first are agreed, the later ones
   * follow from the secret, so that nothing more need be told.
   */
  numbers(agreed: AgreedPath, epoch: number): StreamNumbers | undefined {
    const { localStream, remoteStream, secret, initiator } = agreed;
    if (epoch === 0) return { local: localStream, remote: remoteStream };
    const local = laterStream(secret, initiator, epoch);
    if (this.has(local)) return undefined;
    return { local, remote: laterStream(secret, !initiator, epoch) };
  }

  /** Takes a control datagram to its channel. */
  receive(control: PathControl, from: Route<BoundEndpoint>): void {
    const channel = this.#channels.get(control.stream);
    if (channel !== undefined) channel.receive(control, from);
    else if (control.kind === "ping") this.#answerForEnded(control, from);
    else from.via.count("stale");
  }

  /** The endpoint as it is here. @throws `INVALID_ARGUMENT` for one of another network */
  bound(endpoint: UdpEndpoint): BoundEndpoint {
    if (endpoint instanceof BoundEndpoint && endpoint.belongsTo(this)) return endpoint;
    const message = "a channel can only move to an endpoint of its own network; bind one there";
    throw new SealwireError("INVALID_ARGUMENT", message);
  }

  #answerForEnded(ping: PathControl, { via, remote }: Route<BoundEndpoint>): void {
    const ended = this.#ended.get(ping.stream);
    if (ended === undefined) return via.count("stale");
    if (!ended.proof.holds(ping)) return via.count("forged");
    const { remoteStream: stream, proof } = ended;
    const { sequence, nonce } = ping;
    const gone = {
      kind: "gone",
      stream,
      sequence,
      nonce,
      epoch: 0,
      received: 0,
      arrived: 0,
    } as const;
    via.sendControl(proof.prove(gone), remote);
  }
}
