/**
 * Work in threads, side by side: `node bench/workers.mjs [--rounds 5] [--seconds 1] [--threads 2]`.
 *
 * `piscina` is the pool as it is, `executor` our use of it, `call` a sealed call over loopback whose
 * handler runs in a thread, `broker` a call that a broker gives to a worker in the same process.
 * Each way takes tasks from so many waiting callers; a task does nothing or computes for a while.
 */
import { createRequire } from "node:module";
import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const DIST = process.env.SEALWIRE_DIST ?? new URL("../dist/", import.meta.url).href;
const { connect, createServer } = await import(new URL("presets/node.js", DIST).href);
const { piscina } = await import(new URL("adapters/piscina/index.js", DIST).href);
const { broker, brokerWorker } = await import(new URL("features/broker/index.js", DIST).href);
const { Piscina } = createRequire(import.meta.url)("piscina");

const TASKS = new URL("./workers/tasks.mjs", import.meta.url);
const { values: options } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "1" },
    threads: { type: "string", default: "2" },
    callers: { type: "string", default: "8" },
  },
});
const threads = Number(options.threads);
const as = {
  authenticator: { authenticate: async () => ({ id: 1, scopes: new Set(["worker"]) }) },
};

const ways = {
  piscina: plain,
  executor: ours,
  call: throughServer,
  broker: throughBroker,
};

for (const [name, handler, input] of [
  ["nothing", "nothing", 1],
  ["1 ms", "spin", 1],
  ["10 ms", "spin", 10],
]) {
  const found = Object.fromEntries(Object.keys(ways).map((way) => [way, []]));
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const [way, open] of Object.entries(ways)) {
      const { run, close } = await open(handler);
      await run(input);
      found[way].push(await measured(() => run(input)));
      await close();
    }
  }
  const base = median(found.piscina);
  for (const [way, rates] of Object.entries(found)) {
    const { rate, cpu } = median(rates);
    const all = rates.map((each) => each.rate.toFixed(0)).join(" ");
    const line = `${name.padEnd(8)} ${way.padEnd(9)} ${rate.toFixed(0).padStart(7)} tasks/s`;
    const costs = `${cpu.toFixed(0)} us CPU, ${(cpu / base.cpu).toFixed(2)} x piscina's`;
    process.stdout.write(`${line}, ${costs}   (${all})\n`);
  }
}

function plain(handler) {
  const pool = new Piscina({
    filename: fileURLToPath(TASKS),
    name: `${handler}Plain`,
    minThreads: threads,
    maxThreads: threads,
  });
  return { run: (input) => pool.run(input), close: () => pool.destroy() };
}

function ours(handler) {
  const executor = piscina({ threads });
  const { signal } = new AbortController();
  const run = (input) => executor.run({ module: TASKS, handler, input: [input] }, { signal });
  return { run, close: () => executor.close() };
}

async function throughServer(handler) {
  const server = createServer({ ...as, workers: threads });
  server.procedure(handler, { worker: { module: TASKS, handler } });
  return clientOf(server, handler);
}

async function throughBroker(handler) {
  const server = createServer(as);
  server.install(broker());
  const executor = piscina({ threads });
  const listening = await clientOf(server, handler);
  const worker = brokerWorker(listening.worker, { concurrency: 64, executor });
  worker.procedure(handler, { worker: { module: TASKS, handler } });
  await worker.offer();
  return { run: listening.run, close: () => Promise.all([executor.close(), listening.close()]) };
}

async function clientOf(server, handler) {
  const { address } = await server.listen("tcp://127.0.0.1:0");
  const pin = await server.fingerprint();
  const [client, worker] = [await connect(address, { pin }), await connect(address, { pin })];
  const close = async () => {
    await Promise.all([client.close(), worker.close()]);
    await server.close({ drainMs: 0 });
  };
  return { worker, run: (input) => client.call(handler, [input]), close };
}

/**
 * So many callers, each of which waits for its answer: tasks a second, and what one of them cost
 * this process in all its threads, which on a busy machine tells more.
 */
async function measured(run) {
  const before = process.cpuUsage();
  const began = performance.now();
  const until = began + 1_000 * Number(options.seconds);
  let done = 0;
  const caller = async () => {
    while (performance.now() < until) {
      await run();
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: Number(options.callers) }, caller));
  const { user, system } = process.cpuUsage(before);
  return { rate: (1_000 * done) / (performance.now() - began), cpu: (user + system) / done };
}

/** The run whose cost is the median. */
function median(numbers) {
  return [...numbers].sort((a, b) => a.cpu - b.cpu)[Math.floor(numbers.length / 2)];
}
