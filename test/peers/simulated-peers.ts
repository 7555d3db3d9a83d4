import { Inbox } from "../../src/bytes/inbox.ts";
import type { Endpoint } from "../../src/core/contracts/datagram-socket.ts";
import type { Channel, Listener } from "../../src/core/contracts/transport.ts";
import { SealwireError } from "../../src/core/model/errors.ts";
import { NOBLE_SYMMETRIC } from "../../src/crypto/providers/noble-symmetric.ts";
import { pairingKeys } from "../../src/peers/pairing-keys.ts";
import { PeerService } from "../../src/peers/peer-service.ts";
import { peerTransport } from "../../src/peers/peer-transport.ts";
import { serviceAddress } from "../../src/peers/rendezvous-address.ts";
import type { ServiceLimits } from "../../src/peers/service-limits.ts";
import { runPeerService } from "../../src/peers/service-runner.ts";
import type { PeerStatus } from "../../src/peers/status.ts";
import type { AgreedStream, PeerNetwork, PeerStream } from "../../src/peers/surroundings.ts";
import { type ManualClock, manualClock } from "../../src/testing/manual-clock.ts";
import { memoryPair } from "../../src/transports/memory/channel.ts";
import type { NatMode } from "./simulated-nat.ts";
import { type SimulatedHost, SimulatedNetwork } from "./simulated-network.ts";
import { opening, slowChannel } from "./slow-channel.ts";

const KEY = new Uint8Array(32).map((_, at) => (at * 37 + 11) & 255);

/** A stream of which only the path is of interest. */
export interface FakeStream extends PeerStream {
  readonly agreed: AgreedStream;
  readonly paths: readonly Endpoint[];
  /** How often it was told that what was under way is lost. */
  readonly resent: () => number;
}

/** One side: its machine, what it was told, and the streams it has. */
export interface SimulatedPeer {
  readonly host: SimulatedHost;
  readonly statuses: PeerStatus[];
  readonly streams: FakeStream[];
  /** The last kind of path. */
  path(): string | undefined;
}

/** A rendezvous at a public address and two peers behind routers. */
export class SimulatedWorld {
  readonly clock: ManualClock = manualClock(1_000_000);
  readonly network: SimulatedNetwork;
  service: PeerService;
  rendezvous = "udp://198.51.100.1:3478";
  /** What the name service knows. */
  readonly names: Map<string, readonly string[]> = new Map();
  readonly a: SimulatedPeer;
  readonly b: SimulatedPeer;
  #webSockets: Inbox<Channel> = new Inbox({ maxWaiting: 100 });

  constructor(modes: readonly [NatMode, NatMode], seed = 1, limits: Partial<ServiceLimits> = {}) {
    this.network = new SimulatedNetwork(this.clock, seed);
    this.service = this.#serve(limits);
    this.a = this.#peer("10.0.1.2", modes[0], "203.0.113.1");
    this.b = this.#peer("10.0.2.2", modes[1], "203.0.113.2");
  }

  /** a listens, b calls. Resolves with b's channel, in simulated time. */
  async meet(withinMs = 20_000, key: Uint8Array = KEY): Promise<Channel> {
    await this.listen();
    return this.call(withinMs, key);
  }

  async listen(): Promise<Listener> {
    return this.run(this.#transport(this.a, KEY).listen(new URL("peer://x")), 10_000);
  }

  call(withinMs = 20_000, key: Uint8Array = KEY): Promise<Channel> {
    const stop = new AbortController();
    const url = new URL("peer://x");
    const late = new SealwireError("UNAVAILABLE", "nobody was found");
    this.clock.after(withinMs, () => stop.abort(late));
    const calling = this.#transport(this.b, key).connect(url, { signal: stop.signal });
    return this.run(calling, withinMs + 100);
  }

  /** Lets time pass until the promise is settled, at most so long. */
  async run<Value>(promise: Promise<Value>, withinMs: number): Promise<Value> {
    let settled = false;
    promise.then(
      () => {
        settled = true;
      },
      () => {
        settled = true;
      },
    );
    for (let ms = 0; ms < withinMs && !settled; ms += STEP_MS) await this.pass(STEP_MS);
    if (!settled) throw new SealwireError("DEADLINE_EXCEEDED", `not settled in ${withinMs} ms`);
    return promise;
  }

  /** Lets time pass, in small steps, with all that follows from each. */
  async pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += STEP_MS) {
      this.clock.advance(Math.min(STEP_MS, ms - passed));
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** The rendezvous is killed, the relay with it, and runs again at once. */
  restartService(): void {
    this.#webSockets.end();
    this.#webSockets = new Inbox({ maxWaiting: 100 });
    this.service = this.#serve({});
  }

  #serve(limits: Partial<ServiceLimits>): PeerService {
    const host = this.network.host("198.51.100.1");
    const inbox = this.#webSockets;
    const service = new PeerService({ crypto: NOBLE_SYMMETRIC, now: this.clock.now, limits });
    runPeerService({
      ...{ clock: this.clock, service, socket: host.plain(3_478) },
      second: host.plain(3_479),
      webSockets: {
        address: new URL("ws://198.51.100.1:3478/"),
        close: async () => inbox.end(),
        [Symbol.asyncIterator]: () => inbox,
      },
    });
    return service;
  }

  #transport(peer: SimulatedPeer, key: Uint8Array) {
    const surroundings = {
      ...{ clock: this.clock, crypto: NOBLE_SYMMETRIC },
      network: this.#networkOf(peer),
    };
    return peerTransport({
      surroundings,
      address: serviceAddress(this.rendezvous),
      keys: pairingKeys(key, NOBLE_SYMMETRIC),
      onStatus: (status) => void peer.statuses.push(status),
      maxSessions: 8,
    });
  }

  #networkOf({ host, streams }: SimulatedPeer): PeerNetwork {
    return {
      bind: () => {
        const { address, share, close } = host.bind();
        const attach = (agreed: AgreedStream): PeerStream => {
          const stream = fakeStream(agreed);
          streams.push(stream);
          return stream;
        };
        return { address, share, attach, close: async () => close() };
      },
      bindDatagrams: async ({ host: at }) =>
        host.plain(0, at.startsWith("127.") ? at : host.address),
      openWebSocket: async () => {
        await opening(this.network);
        const [near, far] = memoryPair({ boundaries: "kept" }, ["service", `${host.address}:1`]);
        this.#webSockets.put(slowChannel(far, this.network));
        return slowChannel(near, this.network);
      },
      localAddresses: () => [host.address],
      resolve: async (name) => this.names.get(name) ?? [],
    };
  }

  #peer(address: string, mode: NatMode, outside: string): SimulatedPeer {
    const public_ = mode === "open" || mode === "firewall" ? outside : address;
    const host = this.network.host(public_, mode, outside);
    const statuses: PeerStatus[] = [];
    const path = () =>
      statuses.findLast(
        (status): status is PeerStatus & { status: "UDP_ESTABLISHED" } =>
          status.status === "UDP_ESTABLISHED",
      )?.path;
    return { host, statuses, streams: [], path };
  }
}

const STEP_MS = 5;

function fakeStream(agreed: AgreedStream): FakeStream {
  const paths: Endpoint[] = [agreed.remote];
  const inbox = new Inbox<Uint8Array>({ maxWaiting: 1 });
  let resent = 0;
  return {
    ...{ agreed, paths, boundaries: "lost", remote: "peer", packets: 0 },
    resent: () => resent,
    resend() {
      resent++;
    },
    write: () => undefined,
    async close() {
      inbox.end();
    },
    async move(remote) {
      paths.push(remote);
    },
    [Symbol.asyncIterator]: () => inbox,
  };
}
