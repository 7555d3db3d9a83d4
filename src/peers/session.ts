import { encodeHex } from "../bytes/text.ts";
import type { Channel } from "../core/contracts/transport.ts";
import { SealwireError } from "../core/model/errors.ts";
import { deferred } from "./deferred.ts";
import { likelyPlaces } from "./likely-places.ts";
import { ManyTries } from "./many-tries.ts";
import type { Path, ProbeSocket } from "./path.ts";
import { PathKeeper } from "./path-keeper.ts";
import { type OpenedProbe, ProbeSeal } from "./probe-seal.ts";
import { Prober } from "./prober.ts";
import { RelayHold } from "./relay-hold.ts";
import type { SessionParts } from "./session-parts.ts";
import { SessionStream } from "./session-stream.ts";
import { SilenceWatch } from "./silence-watch.ts";
import type { PeerEndpoint } from "./surroundings.ts";

/** How long a path may be gone before somebody asks whether the other side is still the same. */
const INQUIRE_MS = 3_000;

/** One pairing of two peers: finds paths, keeps one, and carries a stream over it. */
export class PeerSession {
  readonly #parts: SessionParts;
  readonly #prober: Prober;
  readonly #keeper: PathKeeper | undefined;
  readonly #opened: (channel: Channel) => void;
  readonly #failed: (error: SealwireError) => void;
  readonly #gone: () => void;
  readonly #many: ManyTries;
  #cancelInquiry = () => {};
  readonly #relay: RelayHold;
  readonly #stream: SessionStream;
  #watch: SilenceWatch | undefined;
  #chosenCount = 0;
  #started = false;
  #isForgotten = false;
  /** Whether the other side is known to try addresses as well. */
  #heard = false;
  #current: Path | undefined;
  #closed: Promise<void> | undefined;
  /** Resolves with the channel when there is a path. */
  readonly channel: Promise<Channel>;
  /** Resolves when everything has ended. */
  readonly ended: Promise<void>;

  constructor(parts: SessionParts) {
    this.#parts = parts;
    const { promise, resolve, reject } = deferred<Channel>();
    this.channel = promise;
    this.#opened = resolve;
    this.#failed = reject;
    promise.catch(() => {});
    const end = deferred<void>();
    this.ended = end.promise;
    this.#gone = end.resolve;
    this.#prober = this.#newProber();
    this.#many = new ManyTries(parts, this.#prober);
    this.#stream = new SessionStream(parts, {
      onHurry: () => this.#keeper?.hurry(),
      onEnd: () => this.close(),
    });
    if (parts.role === "caller") this.#keeper = this.#newKeeper();
    parts.ground.probes.receive((bytes, from) => {
      this.#prober.take(bytes, from, parts.ground.probes);
    });
    parts.ground.onSeen(() => {
      if (this.#started && !this.#closed) this.#prober.burst(true);
    });
    for (const candidate of likelyPlaces(parts.other)) this.#prober.learn(candidate);
    this.#relay = new RelayHold(parts, this.#prober, () => this.#forgotten());
  }

  /** Begins to try addresses. */
  start(): void {
    if (this.#started) return;
    this.#started = true;
    this.#parts.onStatus({ status: "UDP_WAITING", phase: "punching" });
    if (this.#keeper) {
      this.#keeper.start();
      this.#many.begin();
    } else this.#prober.burst();
  }

  /** The other side begins now: so do we. */
  together(): void {
    if (this.#started && !this.#heard) this.#prober.burst();
    this.start();
    this.#hear();
  }

  /** Whether the other side knows of this session, or nobody needs to know of it any more. */
  get isHeard(): boolean {
    return this.#heard || this.#closed !== undefined;
  }

  /** The path will not come back: whoever holds the channel has to connect anew. */
  giveUp(): void {
    if (this.#closed) return;
    this.#parts.onStatus({ status: "RECONNECTING" });
    void this.close(noPath(), true);
  }

  /** Whether the path in use has gone and no other is found yet. */
  get isBroken(): boolean {
    return this.#stream.isAttached && this.#keeper?.current === undefined;
  }

  /** Ends everything, the channel included. */
  close(reason?: SealwireError, isTold = false): Promise<void> {
    this.#closed ??= this.#close(reason, isTold);
    return this.#closed;
  }

  #newProber(): Prober {
    const { surroundings, ground, session, sealing, role } = this.#parts;
    const { clock, crypto } = surroundings;
    const { caller, listener } = sealing;
    const [sending, receiving] = role === "caller" ? [caller, listener] : [listener, caller];
    return new Prober({
      clock,
      seal: new ProbeSeal({ session, sending, receiving }, crypto),
      socket: ground.probes,
      place: () => ground.seen(),
      onPing: (path, probe) => this.#pinged(path, probe),
      onPong: (path, chosen) => {
        this.#hear();
        this.#keeper?.answered(path, chosen);
      },
    });
  }

  #newKeeper(): PathKeeper {
    const { surroundings, onStatus } = this.#parts;
    const { clock } = surroundings;
    return new PathKeeper({
      ...{ clock, prober: this.#prober },
      traffic: () => this.#stream.traffic,
      heard: () => this.#stream.packets,
      onPath: (path, lost) => this.#go(path, lost),
      onSilence: () => this.#relay.renew(),
      onBroken: () => {
        onStatus({ status: "UDP_WAITING", phase: "punching" });
        this.#inquireIn(INQUIRE_MS);
        this.#giveUpAlone();
      },
      onLost: () => this.giveUp(),
    });
  }

  /** The relay does not know us any more. That may be heard before the path is missed, or after. */
  #forgotten(): void {
    this.#isForgotten = true;
    this.#parts.onForgotten?.();
    this.#giveUpAlone();
  }

  /** Where the relay was the only way, there is none any more. */
  #giveUpAlone(): void {
    const isAlone = this.#isForgotten && this.isBroken && this.#current?.kind !== "direct";
    if (isAlone && this.#parts.role === "caller") this.giveUp();
  }

  /** Our router may have forgotten us: the relay is told where we are, and addresses are tried. */
  #watched(): SilenceWatch {
    return new SilenceWatch({
      clock: this.#parts.surroundings.clock,
      traffic: () => this.#stream.traffic,
      packets: () => this.#stream.packets,
      onSilence: () => {
        this.#relay.renew();
        this.#prober.doubt();
        this.#prober.burst();
      },
    });
  }

  /** The side that was called goes where the caller says. */
  #pinged(path: Path, { chosen, count }: OpenedProbe): void {
    this.#watch?.heard();
    this.#hear();
    if (this.#keeper || !chosen || count < this.#chosenCount) return;
    this.#chosenCount = count;
    if (path.kind === "direct") this.#prober.calm();
    this.#go(path);
  }

  #go(path: Path, lost = false): void {
    if (this.#closed) return;
    const { onStatus } = this.#parts;
    const { remote, kind, rttMs } = path;
    if (this.#current !== path) {
      this.#current = path;
      if (path.kind === "direct") this.#many.stop(path.socket);
      onStatus({ status: "UDP_ESTABLISHED", path: kind, remote, rttMs });
      if (!this.#stream.isAttached) return this.#attach(path);
      this.#stream.move(path, this.#endpointOf(path.socket));
    }
    if (lost) this.#stream.resend();
  }

  #attach(path: Path): void {
    const channel = this.#stream.attach(path, this.#endpointOf(path.socket));
    if (!this.#keeper) this.#watch = this.#watched();
    this.#opened(channel);
  }

  #endpointOf(socket: ProbeSocket): PeerEndpoint {
    return this.#many.endpointOf(socket) ?? this.#parts.ground.endpoint;
  }

  #hear(): void {
    if (this.#heard || this.#closed) return;
    this.#heard = true;
    if (!this.#keeper) this.#many.begin();
  }

  #inquireIn(ms: number): void {
    const { surroundings, inquire } = this.#parts;
    this.#cancelInquiry();
    this.#cancelInquiry = surroundings.clock.after(ms, () => {
      if (this.#closed || !this.isBroken) return;
      inquire?.();
      this.#inquireIn(INQUIRE_MS);
    });
  }

  async #close(reason: SealwireError | undefined, isTold: boolean): Promise<void> {
    const { ground, session, onStatus } = this.#parts;
    this.#failed(reason ?? ended(encodeHex(session)));
    if (reason && !isTold) onStatus({ status: "ERROR", error: reason });
    this.#prober.close();
    this.#keeper?.close();
    this.#watch?.close();
    this.#many.stop(this.#current?.socket);
    this.#cancelInquiry();
    await this.#stream.close(reason);
    await this.#relay.close();
    await this.#many.close();
    await ground.close();
    this.#gone();
  }
}

function noPath(): SealwireError {
  const message = "no path to the peer for 30 s; connect again when the network is back";
  return new SealwireError("UNAVAILABLE", message);
}

function ended(session: string): SealwireError {
  return new SealwireError("UNAVAILABLE", `the session ${session} was ended`);
}
