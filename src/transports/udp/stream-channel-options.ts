import type { BoundEndpoint } from "./bound-endpoint.ts";
import type { UdpEndpoint } from "./endpoint-types.ts";
import type { StreamNumbers } from "./lasting-stream-options.ts";
import type { UdpSurroundings } from "./options.ts";
import type { PartPool } from "./part-pool.ts";
import type { Route } from "./path-keeper-options.ts";
import type { PathProof } from "./path-proof.ts";
import type { Udx } from "./udx.ts";

/** What a channel is made of. */
export interface StreamChannelOptions extends UdpSurroundings {
  readonly udx: Udx;
  readonly pool: PartPool;
  /** The number by which the peer knows this channel. */
  readonly remoteStream: number;
  readonly numbers: (epoch: number) => StreamNumbers | undefined;
  readonly proof: PathProof;
  /** What goes into the checks of each side. */
  readonly seeds: { readonly ours: number; readonly theirs: number };
  readonly route: Route<BoundEndpoint>;
  /** The bound socket behind an endpoint of the same network; throws for others. */
  readonly bound: (endpoint: UdpEndpoint) => BoundEndpoint;
  readonly onClosed: () => void;
}
