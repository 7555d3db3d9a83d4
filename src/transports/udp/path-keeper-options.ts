import type { Clock } from "../../core/contracts/clock.ts";
import type { Endpoint } from "../../core/contracts/datagram-socket.ts";
import type { PathControl } from "./control.ts";
import type { PathProof } from "./path-proof.ts";

/** A place and the socket to reach it by. */
export interface Route<Via> {
  readonly via: Via;
  readonly remote: Endpoint;
}

/** Where one side stands. */
export interface StreamState extends Pick<PathControl, "epoch" | "received" | "arrived"> {}

/** What keeps one path. */
export interface PathKeeperOptions<Via> {
  readonly clock: Clock;
  readonly proof: PathProof;
  readonly limits: {
    readonly pingActiveMs: number;
    readonly pingIdleMs: number;
    readonly silenceTimeoutMs: number;
  };
  /** The number of the stream at the other side. */
  readonly remoteStream: number;
  readonly route: Route<Via>;
  /** A number that changes whenever a packet of the stream has come. */
  readonly heard: () => number;
  /** Whether something waits for the other side. */
  readonly waiting: () => boolean;
  /** Whether nothing goes on before the other side has said where it stands. */
  readonly urgent: () => boolean;
  /** What is said of ourselves in each datagram, and told of the other side's. */
  readonly state: () => StreamState;
  readonly onState: (state: StreamState) => void;
  /** The peer is heard again after a silence in which packets were lost, if there were any. */
  readonly onRevived: () => void;
  readonly send: (control: PathControl, route: Route<Via>) => void;
  /** The peer is to be reached elsewhere now. */
  readonly onMoved: (to: Route<Via>, from: Route<Via>) => void;
  /** The peer has forgotten this channel, or nothing has come for too long. */
  readonly onLost: (why: string) => void;
  readonly count: (kind: "forged" | "stale") => void;
}
