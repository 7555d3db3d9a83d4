import type { Command } from "commander";
import type { Feature } from "../core/contracts/feature.ts";
import type { Logger } from "../core/contracts/logger.ts";
import type { Store } from "../core/contracts/store.ts";
import type { ClusterHandle } from "../features/cluster/cluster.ts";
import { misused } from "./failures.ts";
import { collect } from "./option-values.ts";
import { readSecretFile } from "./secret-file.ts";
import type { Shell } from "./shell.ts";

/** What makes a server a node of a cluster. */
export interface NodeOptions {
  readonly cluster?: readonly string[];
  readonly clusterKeyFile?: string;
  readonly nodeId?: string;
}

/** What a node has of its cluster. */
export interface Joined {
  readonly feature: Feature<ClusterHandle>;
  /** Where the shared variables of all nodes are kept. */
  readonly store: Store;
}

/** Adds the options of nodes to a command. */
export function withNodeOptions(command: Command): Command {
  return command
    .option("--cluster <url>", "NATS server of the cluster to join; may be repeated", collect)
    .option("--cluster-key-file <file>", "secret of the cluster, made by keygen --secret --out")
    .option("--node-id <name>", "name of this node, which no other one has");
}

/**
 * Joins the cluster, if one is named.
 *
 * @throws `INVALID_ARGUMENT` for options that lack or contradict each other, `UNAVAILABLE` when the
 * engine cannot be reached
 */
export async function joinCluster(
  shell: Shell,
  { cluster: servers, clusterKeyFile, nodeId }: NodeOptions,
  logger: Logger,
): Promise<Joined | undefined> {
  if (servers === undefined) {
    if (clusterKeyFile === undefined && nodeId === undefined) return undefined;
    throw misused("--cluster-key-file and --node-id go with --cluster nats://HOST:4222");
  }
  if (clusterKeyFile === undefined || nodeId === undefined) {
    throw misused("--cluster wants --cluster-key-file and --node-id too");
  }
  const clusterKey = await readSecretFile(shell, "--cluster-key-file", clusterKeyFile);
  const { natsCluster, natsStore } = await import("../adapters/nats/index.ts");
  const { cluster } = await import("../features/cluster/index.ts");
  const joining = { servers, clusterKey, logger };
  const carrier = await natsCluster({ ...joining, nodeId });
  try {
    const store = await natsStore(joining);
    shell.note(`node ${nodeId} of the cluster over ${carrier.description}`);
    return { feature: cluster({ cluster: carrier, logger }), store };
  } catch (thrown) {
    await carrier.close();
    throw thrown;
  }
}
