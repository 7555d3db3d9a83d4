import { encodeHex } from "../bytes/text.ts";
import type { Endpoint } from "../core/contracts/datagram-socket.ts";
import type { Channel } from "../core/contracts/transport.ts";
import { SealwireError } from "../core/model/errors.ts";
import { type Birthday, birthday, wantsBirthday } from "./birthday.ts";
import type { PairingKeys, SessionKeys } from "./pairing-keys.ts";
import type { Path, ProbeSocket } from "./path.ts";
import { PathKeeper } from "./path-keeper.ts";
import { peerChannel } from "./peer-channel.ts";
import { type OpenedProbe, ProbeSeal } from "./probe-seal.ts";
import { Prober } from "./prober.ts";
import { bindRelay, type RelayBinding, type RelayPromise } from "./relay-binding.ts";
import type { Offer } from "./sealed-offer.ts";
import type { SessionGround } from "./session-ground.ts";
import type { PeerStatus } from "./status.ts";
import type { PeerEndpoint, PeerStream, PeerSurroundings } from "./surroundings.ts";

/** Everything that both sides know when a session begins. */
export interface SessionParts {
  readonly surroundings: PeerSurroundings;
  readonly ground: SessionGround;
  readonly keys: PairingKeys;
  readonly session: Uint8Array;
  readonly sealing: SessionKeys;
  /** What we have told, and what the other side has. */
  readonly own: Offer;
  readonly other: Offer;
  readonly role: "caller" | "listener";
  readonly relay: RelayPromise | undefined;
  /** Taken while many ports are tried; `undefined` when somebody else does so. */
  readonly takeTurn: () => (() => void) | undefined;
  readonly onStatus: (status: PeerStatus) => void;
  readonly signal: AbortSignal;
}

/** So long the simple ways are tried alone. */
const BIRTHDAY_MS = 1_000;

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
    for (const candidate of likely(parts.other)) this.#prober.learn(candidate);
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

  /** Ends everything, the channel included. */
  close(reason?: SealwireError): Promise<void> {
    this.#closed ??= this.#close(reason);
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
      },
      onLost: () => void this.close(noPath()),
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

  async #close(reason: SealwireError | undefined): Promise<void> {
    const { ground, session, onStatus } = this.#parts;
    this.#failed(reason ?? ended(encodeHex(session)));
    if (reason) onStatus({ status: "ERROR", error: reason });
    this.#prober.close();
    this.#keeper?.close();
    this.#cancelBirthday();
    await this.#stream?.close(reason);
    await this.#relay?.close();
    await this.#birthday?.close();
    await ground.close();
    this.#gone();
  }
}

/** What was told, and of a router that counts the ports that come next. */
function likely({ nat, candidates }: Offer): readonly Endpoint[] {
  const [seen] = candidates;
  if (nat !== "counting" || !seen) return candidates;
  const next = Array.from({ length: GUESSED_AHEAD }, (_, i) => ({
    host: seen.host,
    port: seen.port + 1 + i,
  }));
  return [...candidates, ...next];
}

const GUESSED_AHEAD = 16;

interface Deferred<Value> {
  readonly promise: Promise<Value>;
  readonly resolve: (value: Value) => void;
  readonly reject: (error: SealwireError) => void;
}

function deferred<Value>(): Deferred<Value> {
  let resolve: (value: Value) => void = () => {};
  let reject: (error: SealwireError) => void = () => {};
  const promise = new Promise<Value>((done, failed) => {
    resolve = done;
    reject = failed;
  });
  return { promise, resolve, reject };
}

function noPath(): SealwireError {
  const message = "no path to the peer for 30 s; connect again when the network is back";
  return new SealwireError("UNAVAILABLE", message);
}

function ended(session: string): SealwireError {
  return new SealwireError("UNAVAILABLE", `the session ${session} was ended`);
}
