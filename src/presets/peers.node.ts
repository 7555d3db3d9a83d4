import type { PeerHandle, PeerOptions } from "../peers/peer.ts";
import type { PeerService, PeerServiceOptions } from "../peers/peer-service.ts";
import type { RunningService } from "../peers/service-runner.ts";

/**
 * A peer with the sockets of Node; needs the package `udx-native`.
 *
 * @throws `INVALID_ARGUMENT` for an address that cannot be used, and for a key that could be
 * guessed; `UNSUPPORTED` without `udx-native`
 */
export async function createPeer(options: PeerOptions): Promise<PeerHandle> {
  const { openPeer } = await import("./peer-network.node.ts");
  return openPeer(options);
}

/** How a rendezvous or relay runs in Node. */
export interface PeerServerOptions extends Omit<PeerServiceOptions, "crypto" | "now"> {
  /** Where, as `udp://host:port`; WebSocket is served at the same port of TCP. */
  readonly listen: string;
}

/** A rendezvous or relay that runs. */
export interface PeerServer extends RunningService {
  readonly address: URL;
  readonly service: PeerService;
}

/**
 * Runs a rendezvous, a relay, or both.
 *
 * @throws `ALREADY_EXISTS` when the port is taken, `INVALID_ARGUMENT` for an address or a limit that
 * cannot be used
 */
export async function servePeers(options: PeerServerOptions): Promise<PeerServer> {
  const { runPeers } = await import("./peer-network.node.ts");
  return runPeers(options);
}
