/**
 * Sealwire as an application uses it: `node sealwire.mjs serve SCHEME`, which prints its port, or
 * `node sealwire.mjs load URL SECONDS WAY`, WAY as JSON: see `cases.mjs`.
 */
import { performance } from "node:perf_hooks";
import { z } from "zod";
import { DIALECTS, SECRET } from "./cases.mjs";

const PRESET = process.env.SEALWIRE_PRESET ?? "../../dist/presets/node.js";
const { apiKeyRecord, apiKeys, connectPool, createServer, firstOf, passwords } = await import(
  new URL(PRESET, import.meta.url)
).catch((cause) => {
  throw new Error("Sealwire is not built; run npm run build in the root first", { cause });
});
const WARM_SECONDS = 1;
const { key } = DIALECTS["nacl-box"];

const [, , role, address, seconds, way] = process.argv;
if (role === "serve") await serve(address);
else await measure(address, Number(seconds), JSON.parse(way));

async function serve(scheme) {
  const keys = apiKeys([await apiKeyRecord(key, { user: "bench" })]);
  const server = createServer({ authenticator: firstOf(passwords(SECRET), keys) });
  const params = { a: z.number(), b: z.number() };
  server.procedure("add", { params }, ({ a, b }) => a + b);
  const listening = await server.listen(`${scheme}://127.0.0.1:0`);
  console.log(listening.address.port);
  // Ends in order, so that a profile is written.
  process.stdin.resume().on("end", () => process.exit(0));
}

async function measure(url, seconds, { connections = 1, inFlight, inOrder = false }) {
  const box = url.startsWith("nacl-box");
  const credentials = box ? { scheme: "api-key", key } : { scheme: "password", password: SECRET };
  const zmqPassword = { answersInOrder: inOrder };
  const pool = await connectPool([url], { credentials, connections, zmqPassword });
  await Promise.all(pool.members.map((member) => untilOpen(member)));
  // Names are asked for by position on wires that only have names, so they are given.
  const one = connections === 1 ? pool.members[0].usable : pool;
  const add = (n) => one.call("add", { a: n, b: 1 });
  await run(add, WARM_SECONDS, inFlight);
  console.log("go");
  const [cpu, began] = [process.cpuUsage(), performance.now()];
  const calls = await run(add, seconds, inFlight);
  const took = (performance.now() - began) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  console.log(JSON.stringify({ calls, seconds: took, cpuUs: user + system }));
  await pool.close();
  process.exit(0);
}

async function untilOpen(member) {
  while (!member.usable) await new Promise((resolve) => setTimeout(resolve, 5));
}

async function run(add, seconds, inFlight) {
  const end = performance.now() + seconds * 1_000;
  let calls = 0;
  const caller = async () => {
    while (performance.now() < end) {
      const n = calls++;
      const sum = await add(n);
      if (sum !== n + 1) throw new Error(`${n} + 1 is not ${sum}`);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, caller));
  return calls;
}
