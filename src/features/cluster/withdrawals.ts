import type { Host } from "../../core/contracts/feature.ts";
import { SealwireError } from "../../core/model/errors.ts";
import type { Principal } from "../../core/model/peer.ts";

const TOPIC = "$withdrawn";

/**
 * A key that is withdrawn at one node ends the connections of its holder at all. Each node still
 * judges for itself who may come again.
 */
export class ClusterWithdrawals {
  readonly #host: Host;
  /** One key may have thousands of connections: the others are told once. */
  readonly #told = new WeakSet<AbortSignal>();

  constructor(host: Host) {
    this.#host = host;
    host.onDisconnect(({ principal }) => {
      const { revoked, id } = principal ?? {};
      if (!revoked?.aborted || id === undefined || this.#told.has(revoked)) return;
      this.#told.add(revoked);
      host.nodes.say(TOPIC, id);
    });
    host.nodes.onSaid(TOPIC, (user) => this.#end(user));
  }

  /** Ends all connections of somebody, here and at the other nodes. */
  withdraw(user: Principal["id"]): void {
    this.#host.nodes.say(TOPIC, user);
    this.#end(user);
  }

  #end(user: unknown): void {
    for (const peer of [...this.#host.peers()]) {
      if (peer.principal?.id !== user || user === undefined) continue;
      const error = new SealwireError("UNAUTHENTICATED", "the credentials were withdrawn");
      this.#host.disconnect(peer, error);
    }
  }
}
