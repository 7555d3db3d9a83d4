import type { Feature, Host } from "../../core/contracts/feature.ts";
import type { CallArguments } from "../../core/engine/arguments.ts";
import type { CallOptions } from "../../core/engine/call-options.ts";
import type { Principal } from "../../core/model/peer.ts";
import type { ClientQuery, ClusterClient } from "./clients.ts";
import { ClusterNode } from "./cluster-node.ts";
import { type ClusterOptions, clusterConfig } from "./options.ts";

/** The cluster as one of its nodes sees it. */
export interface ClusterHandle {
  /** The name of this node. */
  readonly nodeId: string;
  /** What carries the words between the nodes, for people and logs. */
  readonly description: string;
  /** Whether the engine is there; without it this node serves alone what it can. */
  readonly reachable: boolean;
  /** The other nodes that are there. */
  readonly nodes: readonly ClusterNodeInfo[];
  /** Everybody who is connected under this name, whichever node has them. */
  clients(user: Principal["id"]): Promise<readonly ClusterClient[]>;
  /**
   * Calls a procedure of a client, whichever node has it: `id` as `clients` gives it, or `user` for
   * the first who is found under that name.
   *
   * @throws `NOT_FOUND` when nobody is there, and as `Connection.call`
   */
  call(
    to: ClientQuery,
    procedure: string,
    args?: CallArguments,
    options?: CallOptions,
  ): Promise<unknown>;
  /** Ends all connections of somebody at all nodes. Take the key away first, or they come back. */
  withdraw(user: Principal["id"]): void;
}

/** One other node. */
export interface ClusterNodeInfo {
  readonly id: string;
  /** Calls that it ran when it spoke last. */
  readonly load: number;
  /** The procedures that it has for the others. */
  readonly procedures: readonly string[];
}

/**
 * Makes a server one node of a cluster: events, rooms and presence reach the clients of all nodes,
 * procedures that another node has are called there, keys are withdrawn at all. Nothing of the
 * application changes. Without the engine a node serves alone, and agrees with the others again
 * when it is back.
 *
 * @throws `INVALID_ARGUMENT` for an option that makes no sense, `ALREADY_EXISTS` for a second cluster
 *
 * @example
 * const node = server.install(cluster({ cluster: memoryClusterHub().node("a") }));
 */
export function cluster(options: ClusterOptions): Feature<ClusterHandle> {
  const config = clusterConfig(options);
  return (host: Host) => {
    const node = new ClusterNode(host, config);
    return {
      nodeId: config.cluster.nodeId,
      description: config.cluster.description,
      get reachable() {
        return node.members.reachable;
      },
      get nodes() {
        return node.members.others.map(({ node: id, load }) => {
          return { id, load, procedures: node.elsewhere.of(id) };
        });
      },
      clients: (user) => node.clients.find(user),
      call: (to, procedure, args, callOptions = {}) =>
        node.clients.call(to, procedure, args, callOptions),
      withdraw: (user) => node.withdrawals.withdraw(user),
    };
  };
}
