import { expect, it } from "vitest";
import { natsStore } from "../../src/adapters/nats/index.ts";
import { randomBytes } from "../../src/crypto/random.ts";
import { Contest } from "../cluster/contest.ts";
import { natsServer, natsServerThere } from "../tools/nats-server.ts";

/** How often the engine is killed; `NATS_KILLS=50` for the long version. */
const KILLS = Number(process.env["NATS_KILLS"] ?? 3);
const TRIES_BETWEEN = 150;

it.skipIf(!natsServerThere())(
  "judges compare-and-set one after the other and loses nothing acknowledged when the engine is killed",
  async () => {
    const server = await natsServer();
    const options = { servers: server.url, clusterKey: randomBytes(32), writeTimeoutMs: 30_000 };
    const nodes = await Promise.all([1, 2, 3].map(() => natsStore(options)));
    const contests = ["a", "b"].map((key) => new Contest(key));
    const stop = new AbortController();
    const following = contests.flatMap((contest) =>
      nodes.map((node) => contest.follow(node, stop.signal)),
    );
    let [acknowledged, kills] = [0, 0];
    let restarting = Promise.resolve();
    const onAcknowledged = (): void => {
      acknowledged += 1;
      if (acknowledged % TRIES_BETWEEN !== 0 || kills === KILLS) return;
      kills += 1;
      restarting = restarting.then(() => server.stop()).then(() => server.start());
    };
    const times = Math.ceil((TRIES_BETWEEN * (KILLS + 1)) / 2);
    const working = contests.flatMap((contest) =>
      nodes.map((node) => contest.work(node, times, onAcknowledged)),
    );
    await Promise.all(working);
    await restarting;
    const fresh = await natsStore(options);
    for (const node of nodes) await node.put("end", new Uint8Array());
    stop.abort();
    await Promise.all(following);
    const flaws = await Promise.all(contests.map((contest) => contest.flaws(fresh)));
    const unknown = contests.reduce((sum, contest) => sum + contest.unknown, 0);
    console.log(`NATS: ${kills} kills during ${acknowledged} writes; ${unknown} of unknown fate`);
    for (const node of [...nodes, fresh]) await node.close();
    await server.remove();
    expect(flaws).toEqual([[], []]);
    expect(kills).toBe(KILLS);
  },
  60_000 + KILLS * 10_000,
);
