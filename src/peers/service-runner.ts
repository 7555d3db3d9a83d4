import type { Clock } from "../core/contracts/clock.ts";
import type { DatagramSocket, Endpoint } from "../core/contracts/datagram-socket.ts";
import type { Channel, Listener } from "../core/contracts/transport.ts";
import { networkOf } from "../core/engine/network.ts";
import { MAX_PORT } from "./endpoint-bytes.ts";
import type { Outgoing, PeerService } from "./peer-service.ts";

/** What a service runs on. */
export interface RunnerParts {
  readonly clock: Clock;
  readonly service: PeerService;
  /** Where everything is served. */
  readonly socket: DatagramSocket;
  /** Tells who asks how it is seen there, so that clients learn what their router does. */
  readonly second?: DatagramSocket | undefined;
  /** WebSockets, each message of which is a datagram. */
  readonly webSockets?: Listener | undefined;
  /** Answers other protocols on the same port, such as STUN; `undefined`: not its own. */
  readonly other?: (bytes: Uint8Array, from: Endpoint) => Uint8Array | undefined;
  /** WebSockets at once; more are closed. @default 1_000 */
  readonly maxWebSockets?: number;
  /** WebSockets at once of one network. @default 64 */
  readonly maxWebSocketsPerNetwork?: number;
}

/** A service that runs until it is closed. */
export interface RunningService {
  close(): Promise<void>;
}

const SWEEP_MS = 10_000;
/** A WebSocket that says nothing for so long is closed; clients renew each ten seconds. */
const SILENT_MS = 90_000;

/** Runs a service over sockets. A WebSocket is to it an address with a port beyond the last. */
export function runPeerService(parts: RunnerParts): RunningService {
  const { clock, service, socket, second, webSockets, other } = parts;
  const visitors = new Visitors(parts);
  const sendAll = (outgoing: readonly Outgoing[]) => {
    for (const { bytes, to } of outgoing) {
      if (to.port > MAX_PORT) visitors.send(bytes, to);
      else socket.send(bytes, to);
    }
  };
  socket.receive((bytes, from) => {
    const answer = other?.(bytes, from);
    if (answer) socket.send(answer, from);
    else sendAll(service.receive(bytes, from));
  });
  second?.receive((bytes, from) => {
    const answer = other?.(bytes, from) ?? service.greet(bytes, from);
    if (answer) second.send(answer, from);
  });
  if (webSockets) void visitors.admit(webSockets, (...came) => sendAll(service.receive(...came)));
  let cancel = () => {};
  const sweep = () => {
    service.sweep();
    visitors.sweep();
    cancel = clock.after(SWEEP_MS, sweep);
  };
  sweep();
  return {
    async close() {
      cancel();
      await webSockets?.close();
      await Promise.all([socket.close(), second?.close(), visitors.close()]);
    },
  };
}

interface Visitor {
  readonly channel: Channel;
  readonly network: string;
  heardMs: number;
  full: boolean;
}

/** Those who came by WebSocket. */
class Visitors {
  readonly #parts: RunnerParts;
  readonly #byPort = new Map<number, Visitor>();
  #port = MAX_PORT;

  constructor(parts: RunnerParts) {
    this.#parts = parts;
  }

  async admit(listener: Listener, take: (bytes: Uint8Array, from: Endpoint) => void) {
    try {
      for await (const channel of listener) void this.#serve(channel, take);
    } catch {
      // A listener that fails takes nobody more; those by UDP are served on.
    }
  }

  /** What does not fit is lost, as on the network. */
  send(bytes: Uint8Array, { port }: Endpoint): void {
    const visitor = this.#byPort.get(port);
    if (!visitor || visitor.full) return;
    const room = visitor.channel.write([bytes]);
    visitor.full = room !== undefined;
    void room?.then(() => {
      visitor.full = false;
    });
  }

  sweep(): void {
    const oldest = this.#parts.clock.now() - SILENT_MS;
    for (const { channel, heardMs } of this.#byPort.values()) {
      if (heardMs < oldest) void channel.close();
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#byPort.values()].map(({ channel }) => channel.close()));
  }

  async #serve(channel: Channel, take: (bytes: Uint8Array, from: Endpoint) => void) {
    const network = networkOf(channel.remote);
    if (this.#tooMany(network)) return void channel.close();
    const { clock } = this.#parts;
    const visitor = { channel, network, heardMs: clock.now(), full: false };
    const from = { host: network.replace(/::\/64$/, "::"), port: ++this.#port };
    channel.text = false;
    this.#byPort.set(from.port, visitor);
    try {
      for await (const bytes of channel) {
        visitor.heardMs = clock.now();
        take(bytes, from);
      }
    } catch {
      // Lost or too large a message: the visitor is gone all the same.
    } finally {
      this.#byPort.delete(from.port);
      void channel.close();
    }
  }

  #tooMany(network: string): boolean {
    const { maxWebSockets = 1_000, maxWebSocketsPerNetwork = 64 } = this.#parts;
    if (this.#byPort.size >= maxWebSockets) return true;
    const same = [...this.#byPort.values()].filter((visitor) => visitor.network === network);
    return same.length >= maxWebSocketsPerNetwork;
  }
}
