import type { Channel } from "../core/contracts/transport.ts";
import type { Path } from "./path.ts";
import { peerChannel } from "./peer-channel.ts";
import type { SessionParts } from "./session-parts.ts";
import type { PeerEndpoint, PeerStream } from "./surroundings.ts";
import { type Traffic, TrafficMeter } from "./traffic.ts";

/** Whom a stream tells. */
export interface SessionStreamOptions {
  /** More moves than before. */
  readonly onHurry: () => void;
  /** Whoever has the channel is done with it. */
  readonly onEnd: () => Promise<void>;
}

/** The stream of a session: attached to the first path, moved to others, the same to its user. */
export class SessionStream {
  readonly #parts: SessionParts;
  readonly #options: SessionStreamOptions;
  readonly #meter: TrafficMeter;
  #stream: PeerStream | undefined;

  constructor(parts: SessionParts, options: SessionStreamOptions) {
    this.#parts = parts;
    this.#options = options;
    this.#meter = new TrafficMeter(parts.surroundings.clock);
  }

  get isAttached(): boolean {
    return this.#stream !== undefined;
  }

  get traffic(): Traffic {
    return this.#meter.now;
  }

  /** A number that changes with each packet that comes. */
  get packets(): number {
    return this.#stream?.packets ?? 0;
  }

  /** Begins; gives the channel for its user. */
  attach({ remote }: Path, via: PeerEndpoint): Channel {
    const { ground, own, other, sealing, role } = this.#parts;
    const stream = ground.endpoint.attach({
      remote,
      localStream: own.stream,
      remoteStream: other.stream,
      secret: sealing.stream,
      initiator: role === "caller",
    });
    this.#stream = stream;
    if (via !== ground.endpoint) void stream.move(remote, via);
    const moved = () => {
      if (this.#meter.moved()) this.#options.onHurry();
    };
    return peerChannel(stream, moved, this.#options.onEnd);
  }

  /** Goes on over another path. */
  move({ remote }: Path, via: PeerEndpoint): void {
    void this.#stream?.move(remote, via);
  }

  /** What was under way is lost: it is sent again at once. */
  resend(): void {
    this.#stream?.resend();
  }

  async close(reason: Error | undefined): Promise<void> {
    await this.#stream?.close(reason);
  }
}
