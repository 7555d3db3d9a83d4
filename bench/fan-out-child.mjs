/** One side of a fan-out: `node fan-out-child.mjs serve|watch PEER`, told by messages what to do. */
import { FAN_OUT_PEERS } from "./fan-out-peers.mjs";

const [, , , name] = process.argv;
const { serve, connect } = FAN_OUT_PEERS[name];
let writer;
let sum = 0;
let wanted = Number.POSITIVE_INFINITY;
let arrived = () => {};
let clients = 0;

const commands = {
  serve: async (engines) => serve(engines),
  async watch({ places, count }) {
    clients = count;
    writer = await connect(places.write);
    for (let i = 0; i < count; i++) {
      const client = await connect(places.watch);
      await client.watch(() => {
        sum += 1;
        if (sum >= wanted) arrived();
      });
    }
  },
  /** From the first write until all have all of them. */
  async measure({ writes }) {
    const before = process.cpuUsage();
    const began = performance.now();
    const all = new Promise((resolve) => {
      arrived = resolve;
    });
    wanted = sum + writes * clients;
    for (let i = 0; i < writes; i++) await writer.write(began + i);
    await all;
    wanted = Number.POSITIVE_INFINITY;
    const { user, system } = process.cpuUsage(before);
    return { ms: performance.now() - began, cpuUs: user + system };
  },
  cpu() {
    const { user, system } = process.cpuUsage();
    return { cpuUs: user + system };
  },
};

process.on("message", async ({ command, given }) => {
  try {
    process.send({ result: (await commands[command](given)) ?? {} });
  } catch (error) {
    process.send({ error: String(error?.stack ?? error) });
  }
});
process.on("disconnect", () => process.exit(0));
