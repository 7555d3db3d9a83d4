/** One half of a pair: `node child.mjs server|client PEER`, told by messages what to do. */
import { writeFileSync } from "node:fs";
import { Session } from "node:inspector/promises";
import { performance } from "node:perf_hooks";
import { setTimeout } from "node:timers/promises";
import { MEASURE, WARM } from "./workloads.mjs";

const [, , side, name] = process.argv;
const { serve, connect } = await import(`./peers/${name}.mjs`);
const profiler = new Session();
const kept = [];
let address;
let peer;

const commands = {
  serve: async () => serve(),
  async connect(given) {
    address = given;
    peer = await connect(address);
  },
  warm: ({ workload, sizes }) => WARM[workload](peer, sizes),
  async measure({ workload, sizes }) {
    if (workload === "w6") return MEASURE.w6(() => connect(address), sizes, kept);
    const before = process.cpuUsage();
    const result = await MEASURE[workload](peer, sizes);
    return { ...result, cpuUs: cpuUs(process.cpuUsage(before)) };
  },
  /**
   * Lets V8's young generation grow to the size it takes under load (up to 32 MiB): it is one for
   * the process, and would else be counted as memory of whichever connections made it grow.
   */
  grow() {
    let survivors = [];
    for (let i = 0; i < 3_000_000; i++) {
      survivors.push({ i, text: `${i}` });
      if (survivors.length > 100_000) survivors = [];
    }
  },
  async usage() {
    // Finalizers run after the first collection; pages go back to the system some time later.
    for (let round = 0; round < 3; round++) {
      globalThis.gc?.();
      await setTimeout(200);
    }
    return process.memoryUsage();
  },
  cpu: () => ({ cpuUs: cpuUs(process.cpuUsage()), at: performance.now() }),
  async profile() {
    profiler.connect();
    await profiler.post("Profiler.enable");
    await profiler.post("Profiler.setSamplingInterval", { interval: 200 });
    await profiler.post("Profiler.start");
  },
  async profiled(file) {
    const { profile } = await profiler.post("Profiler.stop");
    writeFileSync(file, JSON.stringify(profile));
  },
  async end() {
    peer?.close();
    for (const one of kept) one?.close();
    await setTimeout(50);
    process.exit(0);
  },
};

process.on("message", async ({ id, command, given }) => {
  try {
    process.send({ id, result: (await commands[command](given)) ?? {} });
  } catch (error) {
    process.send({ id, error: `${side} ${name}: ${error?.stack ?? error}` });
  }
});
process.on("disconnect", () => process.exit(0));
process.send({ id: 0, result: {} });

function cpuUs({ user, system }) {
  return user + system;
}
