import { encodeHex } from "../bytes/text.ts";
import type { Channel } from "../core/contracts/transport.ts";
import { SealwireError } from "../core/model/errors.ts";
import { type Birthday, birthday, wantsBirthday } from "./birthday.ts";
import { deferred } from "./deferred.ts";
import { likelyPlaces } from "./likely-places.ts";
import type { Path, ProbeSocket } from "./path.ts";
import { PathKeeper } from "./path-keeper.ts";
import { peerChannel } from "./peer-channel.ts";
import { type OpenedProbe, ProbeSeal } from "./probe-seal.ts";
import { Prober } from "./prober.ts";
import { bindRelay, type RelayBinding } from "./relay-binding.ts";
import type { SessionGround } from "./session-ground.ts";
import type { SessionParts } from "./session-parts.ts";
import type { PeerEndpoint, PeerStream } from "./surroundings.ts";

/** So long the simple ways are tried alone. */
const BIRTHDAY_MS = 1_000;

/** How long a path may be gone before somebody asks whether the other side is still the same. */
const INQUIRE_MS = 3_000;

/** Data that moved so lately counts as traffic. */
const BUSY_MS = 5_000;

/** One pairing of two peers: finds paths, keeps one, and carries a stream over it. */
export class PeerSession {
  readonly #parts: SessionParts;
  readonly #prober: Prober;
  readonly #keeper: PathKeeper | undefined;
  readonly #opened: (channel: Channel) => void;
  readonly #failed: (error: SealwireError) => void;
  readonly #gone: () => void;
  #birthday: Birthday | undefined;
  #cancelBirthday = () => {};
  #cancelInquiry = () => {};
  #relay: RelayBinding | undefined;
  #stream: PeerStream | undefined;
  #lastMoveMs = 0;
  #chosenCount = 0;
  #started = false;
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
    if (parts.role === "caller") this.#keeper = this.#newKeeper();
    parts.ground.probes.receive((bytes, from) => {
      this.#prober.take(bytes, from, parts.ground.probes);
    });
    for (const candidate of likelyPlaces(parts.other)) this.#prober.learn(candidate);
    void this.#bindRelay();
  }

  /** Begins to try addresses. */
  start(): void {
    if (this.#started) return;
    this.#started = true;
    this.#parts.onStatus({ status: "UDP_WAITING", phase: "punching" });
    if (this.#keeper) this.#keeper.start();
    else this.#prober.burst();
    const { clock } = this.#parts.surroundings;
    this.#cancelBirthday = clock.after(BIRTHDAY_MS, () => this.#tryMany());
  }

  /** The path will not come back: whoever holds the channel has to connect anew. */
  giveUp(): void {
    if (this.#closed) return;
    this.#parts.onStatus({ status: "RECONNECTING" });
    void this.close(noPath(), true);
  }

  /** Whether the path in use has gone and no other is found yet. */
  get isBroken(): boolean {
    return this.#stream !== undefined && this.#keeper?.current === undefined;
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
      onPong: (path, chosen) => this.#keeper?.answered(path, chosen),
    });
  }

  #newKeeper(): PathKeeper {
    const { surroundings, onStatus } = this.#parts;
    const { clock } = surroundings;
    return new PathKeeper({
      ...{ clock, prober: this.#prober },
      isBusy: () => clock.now() - this.#lastMoveMs < BUSY_MS,
      onPath: (path) => this.#go(path),
      onBroken: () => {
        this.#relay?.renew();
        onStatus({ status: "UDP_WAITING", phase: "punching" });
        this.#inquireIn(INQUIRE_MS);
      },
      onLost: () => this.giveUp(),
    });
  }

  /** The side that was called goes where the caller says. */
  #pinged(path: Path, { chosen, count }: OpenedProbe): void {
    if (this.#keeper || !chosen || count < this.#chosenCount) return;
    this.#chosenCount = count;
    if (path.kind === "direct") this.#prober.calm();
    this.#go(path);
  }

  #go(path: Path): void {
    if (this.#closed) return;
    const { onStatus } = this.#parts;
    const { remote, kind, rttMs } = path;
    if (this.#current === path) return;
    this.#current = path;
    if (path.kind === "direct") this.#birthday?.stop(path.socket);
    onStatus({ status: "UDP_ESTABLISHED", path: kind, remote, rttMs });
    if (this.#stream) void this.#stream.move(remote, this.#endpointOf(path.socket));
    else this.#attach(path);
  }

  #attach({ remote, socket }: Path): void {
    const { ground, own, other, sealing, role, surroundings } = this.#parts;
    const stream = ground.endpoint.attach({
      remote,
      localStream: own.stream,
      remoteStream: other.stream,
      secret: sealing.stream,
      initiator: role === "caller",
    });
    this.#stream = stream;
    const via = this.#endpointOf(socket);
    if (via !== ground.endpoint) void stream.move(remote, via);
    const moved = () => {
      this.#lastMoveMs = surroundings.clock.now();
    };
    this.#opened(peerChannel(stream, moved, () => this.close()));
  }

  #endpointOf(socket: ProbeSocket): PeerEndpoint {
    return this.#birthday?.endpointOf(socket) ?? this.#parts.ground.endpoint;
  }

  /** No direct path so far, and one side's router may be met by chance. */
  #tryMany(): void {
    const { surroundings, ground, own, other, takeTurn, onStatus } = this.#parts;
    const [remote] = other.candidates;
    if (this.#closed || !remote || this.#current?.kind === "direct") return;
    if (!wantsBirthday(own.nat, other.nat)) return;
    const release = takeTurn();
    if (!release) return;
    onStatus({ status: "UDP_WAITING", phase: "birthday" });
    const { clock, network } = surroundings;
    this.#birthday = birthday({
      ...{ clock, network, prober: this.#prober, socket: ground.probes, remote },
      ...{ own: own.nat, other: other.nat, onEnd: release },
    });
  }

  async #bindRelay(): Promise<void> {
    const { surroundings, ground, session, role, relay, signal } = this.#parts;
    if (!relay) return;
    const side = role === "caller" ? 0 : 1;
    let path: Path | undefined;
    const onReached = ({ kind, through }: SessionGround["reach"]) => {
      path = through && this.#prober.learn(through, `relay-${kind}`);
    };
    const onBound = () => {
      if (path && this.#keeper) this.#prober.ping(path);
    };
    try {
      const binding = await bindRelay({
        ...{ surroundings, ground, session, side, relay, onReached, onBound, signal },
      });
      this.#relay = binding;
      if (this.#closed) await binding.close();
    } catch {
      // Without a relay there may still be a direct path.
    }
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
    this.#cancelBirthday();
    this.#cancelInquiry();
    await this.#stream?.close(reason);
    await this.#relay?.close();
    await this.#birthday?.close();
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
