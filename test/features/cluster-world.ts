import {
  type MemoryClusterHub,
  memoryClusterHub,
} from "../../src/adapters/memory-cluster/index.ts";
import type { Cluster } from "../../src/core/contracts/cluster.ts";
import { webCrypto } from "../../src/crypto/providers/web.ts";
import { native } from "../../src/dialects/native/index.ts";
import { type ClusterHandle, cluster } from "../../src/features/cluster/index.ts";
import type { ServerOptions } from "../../src/server/options.ts";
import type { Server } from "../../src/server/server.ts";
import { type ServerAndClient, serverAndClient } from "../../src/testing/server-and-client.ts";

/** One server of a cluster, with a client of it. */
export interface WorldNode extends ServerAndClient {
  readonly node: ClusterHandle;
}

/** Servers that are nodes of one cluster in memory. */
export interface ClusterWorld {
  readonly hub: MemoryClusterHub;
  /** Starts a node; what its server offers is registered first. */
  start(nodeId: string, options?: NodeSetting): Promise<WorldNode>;
  /** Ends a node as if it were killed: it says nothing any more. */
  kill(nodeId: string): void;
  [Symbol.asyncDispose](): Promise<void>;
}

/** What is special about one node. */
export interface NodeSetting {
  readonly register?: (server: Server) => void;
  readonly as?: { readonly id: string; readonly scopes?: readonly string[] };
  readonly server?: ServerOptions;
  /** What carries its bytes. @default a place at the hub */
  readonly carrier?: Cluster;
}

const INTERVAL_MS = 20;

/** A cluster without nodes; ends all that were started. */
export function clusterWorld(): ClusterWorld {
  const hub = memoryClusterHub();
  const started: WorldNode[] = [];
  const start = async (nodeId: string, setting: NodeSetting = {}): Promise<WorldNode> => {
    const { register, as, server, carrier = hub.node(nodeId) } = setting;
    const handles: ClusterHandle[] = [];
    const pair = await serverAndClient({
      dialect: native({ crypto: webCrypto() }),
      ...(as && { as }),
      ...(server && { server }),
      register: (own) => {
        register?.(own);
        handles.push(own.install(cluster({ cluster: carrier, intervalMs: INTERVAL_MS })));
      },
    });
    const [node] = handles;
    if (!node) throw new Error("the server was not made");
    const made = { ...pair, node };
    started.push(made);
    return made;
  };
  return {
    hub,
    start,
    kill: (nodeId) => hub.lose(nodeId),
    async [Symbol.asyncDispose]() {
      hub.restore();
      await Promise.all(started.map((each) => each.close()));
    },
  };
}

/** Resolves when these nodes know each other. */
export async function acquainted(...nodes: readonly WorldNode[]): Promise<void> {
  const complete = (): boolean => nodes.every(({ node }) => node.nodes.length === nodes.length - 1);
  while (!complete()) await new Promise((resolve) => setTimeout(resolve, 5));
}
