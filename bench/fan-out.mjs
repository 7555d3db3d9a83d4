/**
 * How long a change takes to reach all who watch, beside Socket.IO (alone, and two servers joined by
 * its Redis adapter) and NATS KV used directly; servers in one process, clients in another, each
 * peer in each round. `node fan-out.mjs [--clients 1000] [--rounds 5]`, after `npm run build`;
 * needs nats-server and redis-server.
 */
import { fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { FAN_OUT_PEERS } from "./fan-out-peers.mjs";
import { startEngines } from "./state-engines.mjs";
import { layOut, median, short } from "./table.mjs";

const CHILD = fileURLToPath(new URL("fan-out-child.mjs", import.meta.url));
const { values } = parseArgs({
  options: {
    clients: { type: "string", default: "1000" },
    rounds: { type: "string", default: "5" },
    only: { type: "string", default: "" },
  },
});
const count = Number(values.clients);
/** One after the other, each awaited by all; and one behind the other. */
const SINGLE = 20;
const MANY = 50;

const names = Object.keys(FAN_OUT_PEERS).filter((name) => name.includes(values.only));
const rounds = [];
for (let round = 0; round < Number(values.rounds); round++) {
  const results = {};
  for (const name of names) results[name] = await measured(name);
  rounds.push(results);
}
console.log(layOut([HEAD(), ...names.map(row)]));

function HEAD() {
  const latency = `ms until all ${count} have one change`;
  return ["", latency, "deliveries/s", "CPU us a delivery, servers", "clients"];
}

function row(name) {
  const of = (key) => short(median(rounds.map((round) => round[name][key])));
  return [name, of("ms"), of("deliveries"), of("serverUs"), of("clientUs")];
}

async function measured(name) {
  const engines = await startEngines();
  const [server, client] = ["serve", "watch"].map((side) => fork(CHILD, [side, name]));
  try {
    const clusterKey = randomBytes(32).toString("hex");
    const { natsUrl, redisUrl } = engines;
    const places = await ask(server, "serve", { natsUrl, redisUrl, clusterKey });
    await ask(client, "watch", { places, count });
    await ask(client, "measure", { writes: MANY });
    const times = [];
    for (let i = 0; i < SINGLE; i++) times.push((await ask(client, "measure", { writes: 1 })).ms);
    const before = await ask(server, "cpu");
    const many = await ask(client, "measure", { writes: MANY });
    const after = await ask(server, "cpu");
    const deliveries = MANY * count;
    return {
      ms: median(times),
      deliveries: (deliveries * 1_000) / many.ms,
      serverUs: (after.cpuUs - before.cpuUs) / deliveries,
      clientUs: many.cpuUs / deliveries,
    };
  } finally {
    for (const child of [server, client]) child.kill();
    await engines.close();
  }
}

async function ask(child, command, given) {
  child.send({ command, given });
  const [{ result, error }] = await once(child, "message");
  if (error !== undefined) throw new Error(error);
  return result;
}
