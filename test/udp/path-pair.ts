import type { Endpoint } from "../../src/core/contracts/datagram-socket.ts";
import { type ManualClock, manualClock } from "../../src/testing/manual-clock.ts";
import type { PathControl } from "../../src/transports/udp/control.ts";
import { PathKeeper } from "../../src/transports/udp/path-keeper.ts";
import type { Route, StreamState } from "../../src/transports/udp/path-keeper-options.ts";
import { pathProof } from "../../src/transports/udp/path-proof.ts";

export const A: Endpoint = { host: "192.0.2.1", port: 1_000 };
export const A2: Endpoint = { host: "192.0.2.9", port: 9_000 };
export const B: Endpoint = { host: "198.51.100.2", port: 2_000 };
const LIMITS = { pingActiveMs: 250, pingIdleMs: 15_000, silenceTimeoutMs: 30_000 };

/** One side, and what it did. */
export interface Side {
  readonly keeper: PathKeeper<string>;
  readonly sent: { readonly control: PathControl; readonly to: Endpoint }[];
  readonly moves: Endpoint[];
  readonly losses: string[];
  readonly counted: string[];
  packets: number;
  waiting: boolean;
  revived: number;
  readonly heard: StreamState[];
}

function side(clock: ManualClock, initiator: boolean, remote: Endpoint): Side {
  const made: Omit<Side, "keeper"> = {
    ...{
      sent: [],
      moves: [],
      losses: [],
      counted: [],
      packets: 0,
      waiting: false,
      heard: [],
      revived: 0,
    },
  };
  const keeper = new PathKeeper<string>({
    ...{ clock, limits: LIMITS, proof: pathProof(new Uint8Array(32).fill(5), initiator) },
    remoteStream: initiator ? 2 : 1,
    route: { via: "socket", remote },
    heard: () => made.packets,
    waiting: () => made.waiting,
    urgent: () => false,
    state: () => ({ epoch: 3, received: 44, arrived: 55 }),
    onState: (state) => made.heard.push(state),
    onRevived: () => {
      made.revived += 1;
    },
    send: (control, to) => made.sent.push({ control, to: to.remote }),
    onMoved: (to) => made.moves.push(to.remote),
    onLost: (why) => made.losses.push(why),
    count: (kind) => made.counted.push(kind),
  });
  return Object.assign(made, { keeper });
}

/** Two sides that keep one path. */
export interface Pair {
  readonly clock: ManualClock;
  readonly a: Side;
  readonly b: Side;
  /** Hands over what one has said, as if it came from somewhere. */
  deliver(from: Side, to: Side, source: Endpoint): void;
}

/** Two sides; `a` is seen at a place of one's choice. */
export function pair(): Pair {
  const clock = manualClock(1_000_000);
  const [a, b] = [side(clock, true, B), side(clock, false, A)];
  const deliver = (from: Side, to: Side, source: Endpoint) => {
    for (const { control } of from.sent.splice(0)) to.keeper.receive(control, route(source));
  };
  return { clock, a, b, deliver };
}

/** The one datagram that was sent. */
export function onlyOne({ sent }: Side): PathControl {
  const [first, ...others] = sent.splice(0);
  if (first === undefined || others.length > 0) throw new Error("expected one datagram");
  return first.control;
}

/** Over the only socket. */
export function route(remote: Endpoint): Route<string> {
  return { via: "socket", remote };
}
