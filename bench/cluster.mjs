/**
 * Three nodes on NATS, each a process: broadcasts to all clients, a node killed, the engine away.
 * `node cluster.mjs [--clients 1000] [--outage-ms 20000]`, after `npm run build`; needs nats-server.
 */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createJiti } from "jiti";

const { values } = parseArgs({
  options: {
    clients: { type: "string", default: "1000" },
    "outage-ms": { type: "string", default: "20000" },
  },
});
const [clients, outageMs] = [Number(values.clients), Number(values["outage-ms"])];
const MAX_MS = 5_000;

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const { trial } = await createJiti(import.meta.url).import(join(root, "test/cluster/trial.ts"));
const { broadcastMs, notOnce, acknowledged, lost, resumedMs, consistentMs } = await trial({
  clients,
  outageMs,
});
const words = notOnce.length === 0 ? "each word once" : `${notOnce.length} not once`;
console.log(
  `${clients} clients on 3 nodes: 15 broadcasts in ${broadcastMs.toFixed(0)} ms, ${words}`,
);
console.log(`node killed: all served again after ${resumedMs.toFixed(0)} ms`);
console.log(`acknowledged writes: ${acknowledged} variables, ${lost.length} lost`);
console.log(
  `NATS away for ${outageMs} ms: consistent ${consistentMs.toFixed(0)} ms after its return`,
);
const kept = notOnce.length + lost.length === 0 && resumedMs < MAX_MS && consistentMs < MAX_MS;
process.exit(kept ? 0 : 1);
