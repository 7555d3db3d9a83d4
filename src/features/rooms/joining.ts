import type { Peer, Principal } from "../../core/model/peer.ts";

/** How somebody joins: anew, or with the ticket of a place that it had. */
export interface Joining {
  readonly peer: Peer;
  readonly principal: Principal | undefined;
  readonly data: unknown;
  readonly ticket: string | undefined;
  /** The latest that it knows of this room. */
  readonly after: number | undefined;
}
