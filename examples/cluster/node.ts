import { createServer, readKeys } from "sealwire";
import { natsCluster, natsStore } from "sealwire/adapters/nats";
import { cluster } from "sealwire/features/cluster";
import { rooms } from "sealwire/features/rooms";

const [nodeId = "a", address = "tcp://127.0.0.1:7001", nats = ""] = process.argv.slice(2);
// Both are secrets: they come by the environment, where no list of processes shows them.
const { CLUSTER_KEY: clusterKey = "", SERVER_KEY: serverKey = "" } = process.env;

const joining = { servers: nats || "nats://127.0.0.1:4222", clusterKey };
const server = createServer({
  // Clients know all nodes by one key.
  native: { identity: await readKeys(serverKey) },
  authenticator: { authenticate: async () => ({ id: "guest", scopes: new Set<string>() }) },
  state: { store: await natsStore(joining), declare: { visitors: { rule: "counter" } } },
});
server.install(cluster({ cluster: await natsCluster({ ...joining, nodeId }) }));

// From here on nothing knows that there are several nodes.
server.install(rooms());
server.procedure("where", () => nodeId);
if (nodeId === "b") server.procedure("report", () => `written at ${nodeId}`);

const { address: listening } = await server.listen(address);
console.log(`node ${nodeId} listening ${listening}`);
process.once("SIGINT", () => void server.close());
process.once("SIGTERM", () => void server.close());
