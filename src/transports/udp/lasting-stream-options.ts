import type { Clock } from "../../core/contracts/clock.ts";
import type { Udx, UdxAddress, UdxSocket } from "./udx.ts";

/** Where a stream of udx leads. */
export interface StreamPlace {
  readonly socket: UdxSocket;
  readonly remote: UdxAddress;
}

/** The numbers of one stream of udx at both sides. */
export interface StreamNumbers {
  readonly local: number;
  readonly remote: number;
}

/** What a lasting stream works with, and whom it tells. */
export interface LastingStreamOptions {
  readonly udx: Udx;
  readonly clock: Clock;
  readonly place: StreamPlace;
  /** The numbers of the stream of an epoch; `undefined` when ours is in use already. */
  readonly numbers: (epoch: number) => StreamNumbers | undefined;
  /**
   * Looks at all that has come and was not used, and says how many bytes it uses now. `undefined`: they
   * cannot be what was sent, and the stream begins anew.
   */
  readonly onBytes: (come: Uint8Array) => number | undefined;
  /** How many bytes `onBytes` must see before it can use any. */
  readonly needed: () => number;
  /** How many bytes have come as they were sent, in all epochs. */
  readonly received: () => number;
  /** What came beyond these bytes is forgotten, and will be sent again. */
  readonly onRestart: () => void;
  readonly onRoom: () => void;
  /** Both sides have ended, or it was destroyed. */
  readonly onClosed: () => void;
  /** The peer must soon hear which epoch we are in. */
  readonly onRenewing: () => void;
  /** It cannot go on. */
  readonly onBroken: (why: string) => void;
}
