import { afterEach, describe } from "vitest";
import type { Cluster } from "../core/contracts/cluster.ts";
import { asking } from "./cluster-asking.ts";
import { leaving } from "./cluster-leaving.ts";
import { publishing } from "./cluster-publishing.ts";
import type { ClusterSuite, ClusterUnderTest } from "./cluster-under-test.ts";

/**
 * Proves that the engine of a cluster keeps its contract. Call it in a test file of vitest.
 *
 * @example
 * clusterSuite("memory", () => {
 *   const hub = memoryClusterHub();
 *   return { node: async (nodeId) => hub.node(nodeId) };
 * });
 */
export function clusterSuite(
  name: string,
  make: () => ClusterUnderTest | Promise<ClusterUnderTest>,
): void {
  const open: Cluster[] = [];
  const cleaning: (() => Promise<void>)[] = [];
  const suite: ClusterSuite = {
    async made() {
      const made = await make();
      if (made.clean) cleaning.push(made.clean);
      const node = async (nodeId: string): Promise<Cluster> => {
        const joined = await made.node(nodeId);
        open.push(joined);
        return joined;
      };
      return { ...made, node };
    },
    async nodes(...names) {
      const { node } = await suite.made();
      return Promise.all(names.map(node));
    },
  };
  describe(`cluster ${name}`, () => {
    afterEach(async () => {
      for (const node of open.splice(0)) await node.close();
      for (const clean of cleaning.splice(0)) await clean();
    });
    publishing(suite);
    asking(suite);
    leaving(suite);
  });
}
