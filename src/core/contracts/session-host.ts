import type { Peer } from "../model/peer.ts";
import type { Channel } from "./transport.ts";

/**
 * What a feature may do with the sessions of a server that outlive their channels: a cluster leads
 * a peer that comes back to another node to the one that has its session.
 */
export interface SessionHost {
  /**
   * From now on the ids of new sessions begin with these bytes, at most 8, by which the other nodes
   * know whose they are. Onlookers see them when a session goes on. @throws `INVALID_ARGUMENT`
   */
  mark(prefix: Uint8Array): void;
  /**
   * Is asked for a session that is not known here, before the peer is refused. What it resolves
   * with is joined to the peer's channel from the first frame on: a stream of bytes
   * (`boundaries: "lost"`) to `enter` at the node that has the session. Only ciphertext passes.
   */
  onUnknown(lead: (id: Uint8Array) => Promise<Channel | undefined>): void;
  /** Is told of each peer that has no channel now but may come back, and of each that is back. */
  onAway(hook: (peer: Peer, away: boolean) => void): void;
  /** Serves a channel that was led here, as if the peer had come to one of our ports. */
  enter(channel: Channel): void;
}
