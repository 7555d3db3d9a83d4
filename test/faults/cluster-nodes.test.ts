import { expect, it } from "vitest";
import { trial } from "../cluster/trial.ts";
import { natsServerThere } from "../tools/nats-server.ts";

it.skipIf(!natsServerThere())(
  "tells every client each word once, loses nothing acknowledged, and heals when a node or the engine dies",
  async () => {
    const result = await trial({ clients: 60, outageMs: 2_000 });
    console.log(`three nodes, 60 clients: ${JSON.stringify(result)}`);
    expect([result.notOnce, result.lost]).toEqual([[], []]);
    expect(result.acknowledged).toBe(12);
    // Machines that run tests may be busy with others; `bench/cluster.mjs` looks for five seconds.
    expect(result.resumedMs).toBeLessThan(15_000);
    expect(result.consistentMs).toBeLessThan(15_000);
  },
  120_000,
);
