import type { Clock } from "../core/contracts/clock.ts";
import type { Endpoint } from "../core/contracts/datagram-socket.ts";
import { randomBytes } from "../crypto/random.ts";
import { isHard, type NatKind } from "./nat-kind.ts";
import { isAlive, type ProbeSocket } from "./path.ts";
import { isProbe } from "./probe-seal.ts";
import type { Prober } from "./prober.ts";
import { bindAny } from "./session-ground.ts";
import type { PeerEndpoint, PeerNetwork } from "./surroundings.ts";

/** Opens many ports towards the one of the other side, or guesses the many of the other side. */
export type BirthdayPart = "open" | "guess";

/** What a birthday needs. */
export interface BirthdayParts {
  readonly clock: Clock;
  readonly network: PeerNetwork;
  readonly prober: Prober;
  /** The socket of the session. */
  readonly socket: ProbeSocket;
  /** What this side does, one after the other; see `birthdayPlan`. */
  readonly plan: readonly BirthdayPart[];
  /** Where the world has seen the other side. */
  readonly remote: Endpoint;
  /** It has ended; those sockets are closed that no path needs. */
  readonly onEnd: () => void;
}

/** Many ports against one, as long as it goes on. */
export interface Birthday {
  /** The endpoint behind a socket of its own. */
  endpointOf(socket: ProbeSocket): PeerEndpoint | undefined;
  /** Ends it; the endpoint in use is closed later, by `close`. */
  stop(keep?: ProbeSocket): void;
  close(): Promise<void>;
}

/** So many sockets on the side whose router gives random ports. */
const SOCKETS = 256;
/** When each of them knocks; the mappings must outlast the guessing. */
const KNOCK_MS = [0, 1_000, 3_000, 6_000];
/** 400 guesses in a second, in small bursts. */
const GUESS_EACH_MS = 20;
const GUESSES_EACH = 8;
const MAX_GUESSES = 4_096;
const END_MS = 10_500;
const FIRST_GUESSED_PORT = 1_024;

/**
 * What one side does when one of them may have a port that holds for all destinations and the other
 * one has not; nothing where that would be in vain. A router that gives a port to each address, and
 * not to each port, looks to the two ports of a rendezvous as if it had one for all: which of two
 * such it is, is tried out.
 */
export function birthdayPlan(
  own: NatKind,
  other: NatKind,
  role: "caller" | "listener",
): readonly BirthdayPart[] {
  if (own === "unknown" || other === "unknown") return [];
  if (isHard(own) !== isHard(other)) return [isHard(own) ? "open" : "guess"];
  if (isHard(own) || (own === "none" && other === "none")) return [];
  if (own !== other) return [own === "same" ? "open" : "guess"];
  const turns = ["open", "guess", "open", "guess", "open"] as const;
  return role === "listener" ? turns.slice(0, 4) : turns.slice(1);
}

/**
 * Finds a path between a router that gives a random port to each destination and one that lets in
 * only where it has sent to: one side opens many sockets towards the other, which guesses ports.
 * With 256 against 400 guesses a second half of all attempts meet within half a second.
 */
export function birthday(parts: BirthdayParts): Birthday {
  const { clock, plan } = parts;
  let many: ManySockets | undefined;
  let cancelPart = () => {};
  let stopped = false;
  const begin = (at: number) => {
    cancelPart();
    if (at >= plan.length) return stop();
    const cancelEnd = clock.after(END_MS / plan.length, () => begin(at + 1));
    const cancelGuessing = plan[at] === "guess" ? guess(parts) : () => {};
    if (plan[at] === "open") many = new ManySockets(parts);
    cancelPart = () => {
      cancelEnd();
      cancelGuessing();
      // What was found has stopped all this: nobody needs them.
      if (!stopped) many?.stop();
    };
  };
  const stop = (keep?: ProbeSocket) => {
    if (stopped) return;
    stopped = true;
    cancelPart();
    many?.stop(keep);
    parts.onEnd();
  };
  begin(0);
  return {
    stop,
    endpointOf: (socket) => many?.endpointOf(socket),
    async close() {
      stop();
      await many?.close();
    },
  };
}

/** The side with many sockets. */
class ManySockets {
  readonly #parts: BirthdayParts;
  readonly #endpoints = new Map<number, PeerEndpoint>();
  readonly #sockets: ProbeSocket[] = [];
  readonly #cancels: (() => void)[] = [];

  constructor(parts: BirthdayParts) {
    this.#parts = parts;
    for (let number = 1; number <= SOCKETS; number++) this.#open(number);
    for (const ms of KNOCK_MS) this.#cancels.push(parts.clock.after(ms, () => this.#knock()));
  }

  endpointOf({ number }: ProbeSocket): PeerEndpoint | undefined {
    return this.#endpoints.get(number);
  }

  /** Closes all sockets but the one that is needed. */
  stop(keep?: ProbeSocket): void {
    for (const cancel of this.#cancels) cancel();
    for (const [number, endpoint] of this.#endpoints) {
      if (number === keep?.number) continue;
      this.#endpoints.delete(number);
      void endpoint.close();
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#endpoints.values()].map((endpoint) => endpoint.close()));
  }

  #open(number: number): void {
    const { network, prober } = this.#parts;
    try {
      const endpoint = bindAny(network);
      const socket = Object.assign(endpoint.share(isProbe), { number });
      socket.receive((bytes, from) => prober.take(bytes, from, socket));
      this.#endpoints.set(number, endpoint);
      this.#sockets.push(socket);
    } catch {
      // The system gives no more sockets: fewer do as well, only later.
    }
  }

  #knock(): void {
    const { prober, remote } = this.#parts;
    for (const socket of this.#sockets) prober.ping({ socket, remote });
  }
}

/** The side that guesses. */
function guess({ clock, prober, socket, remote }: BirthdayParts): () => void {
  let cancel = () => {};
  let made = 0;
  const step = () => {
    const now = clock.now();
    const direct = prober.paths.some((path) => path.kind === "direct" && isAlive(path, now));
    if (direct || made >= MAX_GUESSES) return;
    for (let i = 0; i < GUESSES_EACH; i++, made++) {
      prober.ping({ socket, remote: { host: remote.host, port: guessedPort() } });
    }
    cancel = clock.after(GUESS_EACH_MS, step);
  };
  step();
  return () => cancel();
}

function guessedPort(): number {
  const number = new DataView(randomBytes(4).buffer).getUint32(0);
  return FIRST_GUESSED_PORT + (number % (65_536 - FIRST_GUESSED_PORT));
}
