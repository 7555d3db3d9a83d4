/** One node of a cluster as a process: `node.ts NODE_ID NATS_URL`, its secrets by the environment. */
import { createInterface } from "node:readline";
import { createServer, readKeys } from "sealwire";
import { natsCluster, natsStore } from "sealwire/adapters/nats";
import { cluster } from "sealwire/features/cluster";

const [nodeId = "", servers = ""] = process.argv.slice(2);
const { CLUSTER_KEY: clusterKey = "", SERVER_KEY: serverKey = "" } = process.env;

const server = createServer({
  native: { identity: await readKeys(serverKey) },
  authenticator: { authenticate: async () => ({ id: "guest", scopes: new Set<string>() }) },
  state: { store: await natsStore({ servers, clusterKey }) },
  // All clients of a trial come from one machine.
  maxConnectionsPerAddress: 10_000,
});
const node = server.install(
  cluster({ cluster: await natsCluster({ servers, clusterKey, nodeId }) }),
);
server.procedure("where", () => nodeId);
server.procedure("others", () => node.nodes.length);
await server.listen("tcp://127.0.0.1:0");
console.log(server.address?.href);

// Each line is said to all clients of the cluster.
for await (const line of createInterface({ input: process.stdin })) {
  await server.broadcast("news", line);
}
