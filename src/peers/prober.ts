import type { Clock } from "../core/contracts/clock.ts";
import type { Endpoint } from "../core/contracts/datagram-socket.ts";
import { endpointKey, MAX_PORT } from "./endpoint-bytes.ts";
import { isAlive, type Path, type PathKind, type ProbeSocket, pathKey } from "./path.ts";
import type { OpenedProbe, ProbeSeal } from "./probe-seal.ts";

/** What a prober is made of, and whom it tells. */
export interface ProberOptions {
  readonly clock: Clock;
  readonly seal: ProbeSeal;
  /** The socket from which told addresses are tried. */
  readonly socket: ProbeSocket;
  /** Our own address, told in pings. */
  readonly place: () => Endpoint | undefined;
  readonly onPing: (path: Path, probe: OpenedProbe) => void;
  /** A path has answered; `chosen`: to a ping that said so. */
  readonly onPong: (path: Path, chosen: boolean) => void;
}

/** When the addresses of a burst are tried; then at a steady pace to its end. */
const BURST_MS = [0, 20, 60, 140, 300];
const BURST_PACE_MS = 200;
const BURST_END_MS = 5_000;
/** The other side may still need answers and attempts of ours after we are content. */
const AFTERGLOW_MS = 1_000;
/** The first datagram to a foreign address opens our own router; it need not arrive. */
const OPENING_TTL = 4;
const MAX_PATHS = 64;
const MAX_SENT = 8_192;

/** Tries addresses, answers those who try, and measures. Which path is used, others decide. */
export class Prober {
  readonly #options: ProberOptions;
  readonly #paths = new Map<string, Path>();
  readonly #relays = new Map<string, PathKind>();
  readonly #sent = new Map<number, Sent>();
  readonly #opened = new Set<string>();
  #cancelBurst = () => {};
  #burstEndsMs = 0;
  /** Of the last burst, ours or the other side's. */
  #burst = 0;
  #closed = false;
  /** Datagrams without effect. */
  dropped = 0;

  constructor(options: ProberOptions) {
    this.#options = options;
  }

  /** All paths that are known. */
  get paths(): readonly Path[] {
    return [...this.#paths.values()];
  }

  /** Remembers an address of the other side; `kind` for relays. `undefined` beyond the limit. */
  learn(remote: Endpoint, kind?: PathKind, via?: ProbeSocket): Path | undefined {
    const socket = via ?? this.#options.socket;
    if (kind) this.#relays.set(endpointKey(remote), kind);
    const key = pathKey(socket, remote);
    const known = this.#paths.get(key);
    if (known) return known;
    if (!isUsable(remote)) return undefined;
    if (!this.#hasRoom(socket)) return undefined;
    const path: Path = {
      ...{ socket, remote, kind: this.#relays.get(endpointKey(remote)) ?? "direct" },
      ...{ rttMs: undefined, answeredMs: undefined },
    };
    this.#paths.set(key, path);
    return path;
  }

  /** Asks a path. */
  ping(path: Pick<Path, "socket" | "remote">, chosen = false, ttl?: number): void {
    if (this.#closed) return;
    const { clock, seal, place } = this.#options;
    const asked = { kind: "ping", chosen, burst: this.#burst, echo: 0, place: place() } as const;
    const { bytes, count } = seal.seal(asked);
    const { socket, remote } = path;
    this.#sent.set(count, { socket, remote, chosen, atMs: clock.now() });
    const [oldest] = this.#sent.keys();
    if (this.#sent.size > MAX_SENT && oldest !== undefined) this.#sent.delete(oldest);
    socket.send(bytes, remote, ttl);
  }

  /** Takes a datagram that came to one of the sockets. */
  take(bytes: Uint8Array, from: Endpoint, socket: ProbeSocket): void {
    const probe = this.#closed ? undefined : this.#options.seal.open(bytes);
    if (!probe) {
      this.dropped++;
      return;
    }
    if (probe.kind === "ping") this.#pinged(probe, from, socket);
    else this.#answered(probe, from, socket);
  }

  /** Tries all addresses for a while; `ask`: and the other side shall do so too. */
  burst(ask = false): void {
    const now = this.#options.clock.now();
    this.#cancelBurst();
    this.#burstEndsMs = now + BURST_END_MS;
    if (ask) {
      this.#burst = (this.#burst + 1) & 0xffff;
      // Who shall hear of it may be found by no other way.
      for (const path of this.#paths.values()) if (isAlive(path, now)) this.ping(path);
    }
    this.#step(0);
  }

  /** Whatever has answered before has to do so again. */
  doubt(): void {
    for (const path of this.#paths.values()) path.answeredMs = undefined;
  }

  /** There is a path: the burst ends soon. */
  calm(): void {
    const endsMs = this.#options.clock.now() + AFTERGLOW_MS;
    this.#burstEndsMs = Math.min(this.#burstEndsMs, endsMs);
  }

  /** Ends everything. */
  close(): void {
    this.#closed = true;
    this.#cancelBurst();
  }

  #step(step: number): void {
    const { clock } = this.#options;
    const now = clock.now();
    if (now > this.#burstEndsMs || this.#closed) return;
    for (const path of this.#paths.values()) {
      if (!isAlive(path, now)) this.#try(path);
    }
    const gapMs = (BURST_MS[step + 1] ?? 0) - (BURST_MS[step] ?? 0);
    const pauseMs = gapMs > 0 ? gapMs : BURST_PACE_MS;
    this.#cancelBurst = clock.after(pauseMs, () => this.#step(step + 1));
  }

  #try(path: Path): void {
    const key = pathKey(path.socket, path.remote);
    const first = path.kind === "direct" && !this.#opened.has(key);
    if (first) this.#opened.add(key);
    this.ping(path, false, first ? OPENING_TTL : undefined);
  }

  #pinged(probe: OpenedProbe, from: Endpoint, socket: ProbeSocket): void {
    const { seal } = this.#options;
    const path = this.learn(from, undefined, socket);
    if (probe.place) this.learn(probe.place);
    // Nobody may count on a path that we cannot go.
    if (!path) return;
    const answer = { kind: "pong", chosen: probe.chosen, burst: 0, echo: probe.count } as const;
    socket.send(seal.seal({ ...answer, place: from }).bytes, from);
    if (path.answeredMs === undefined) this.ping(path);
    if (isNewer(probe.burst, this.#burst)) {
      this.#burst = probe.burst;
      this.burst();
    }
    this.#options.onPing(path, probe);
  }

  #answered(probe: OpenedProbe, from: Endpoint, socket: ProbeSocket): void {
    const sent = this.#sent.get(probe.echo);
    if (!sent || sent.socket.number !== socket.number) {
      this.dropped++;
      return;
    }
    this.#sent.delete(probe.echo);
    const path = this.learn(from, undefined, socket);
    if (!path) return;
    // An answer from elsewhere proves nothing of the path that was asked: that one is asked anew.
    if (endpointKey(sent.remote) !== endpointKey(from)) return this.ping(path);
    const now = this.#options.clock.now();
    const rttMs = now - sent.atMs;
    // A late answer may have waited anywhere; an early one has not.
    const before = path.rttMs ?? rttMs;
    path.rttMs = rttMs < before ? rttMs : before + (rttMs - before) / 4;
    path.answeredMs = now;
    this.#options.onPong(path, sent.chosen);
  }

  /**
   * Makes room for an address that was heard of: one that never answered goes. The hundreds of
   * sockets of a birthday have room of their own, lest they take that of the first one.
   */
  #hasRoom(socket: ProbeSocket): boolean {
    const isFirst = socket === this.#options.socket;
    const alike = [...this.#paths].filter(
      ([, path]) => (path.socket === this.#options.socket) === isFirst,
    );
    if (alike.length < MAX_PATHS) return true;
    const silent = alike.find(
      ([, { answeredMs, kind }]) => answeredMs === undefined && kind === "direct",
    );
    return silent !== undefined && this.#paths.delete(silent[0]);
  }
}

interface Sent {
  readonly socket: ProbeSocket;
  readonly remote: Endpoint;
  readonly chosen: boolean;
  readonly atMs: number;
}

/** Numbers of sixteen bits, which begin again. */
function isNewer(number: number, than: number): boolean {
  const ahead = (number - than) & 0xffff;
  return ahead > 0 && ahead < 0x8000;
}

/** No broadcasts, groups or nobody. */
function isUsable({ host, port }: Endpoint): boolean {
  if (port < 1 || port > MAX_PORT) return false;
  if (host.includes(":")) return !/^(?:::|ff[0-9a-f]{2}:)/i.test(host) || host === "::1";
  const first = Number(host.split(".")[0]);
  return first > 0 && first < 224;
}
