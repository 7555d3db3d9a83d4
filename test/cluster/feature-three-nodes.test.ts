import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { roomClient } from "../../src/features/rooms/room-client.ts";
import { connect, type NodeClient } from "../../src/presets/node.ts";
import { natsServerThere } from "../tools/nats-server.ts";
import { type ThreeNodes, threeNodes } from "./three-nodes.ts";

/** More of them by SEALWIRE_CLUSTER_CLIENTS; with 999 it has been seen to hold, too. */
const CLIENTS = Number(process.env["SEALWIRE_CLUSTER_CLIENTS"] ?? 30);
const soon = { timeout: 20_000, interval: 20 };

interface Guest {
  readonly client: NodeClient;
  readonly home: number;
  readonly heard: unknown[];
}

describe.skipIf(!natsServerThere())("three nodes over NATS", () => {
  let three: ThreeNodes;
  const guests: Guest[] = [];
  const by = (home: number): Guest => {
    const found = guests.find((guest) => guest.home === home);
    if (!found) throw new Error(`nobody is at ${home}`);
    return found;
  };

  beforeAll(async () => {
    three = await threeNodes();
    for (let n = 0; n < CLIENTS; n += 37) {
      const some = Array.from({ length: Math.min(37, CLIENTS - n) }, (_, at) => enter(n + at));
      guests.push(...(await Promise.all(some)));
    }
  }, 120_000);

  afterAll(async () => {
    await Promise.all(guests.map(({ client }) => client.close()));
    await three?.close();
  });

  async function enter(n: number): Promise<Guest> {
    const home = n % 3;
    const urls = three.nodes.map(({ url }) => url);
    const client = await connect(urls[home] ?? "", {
      pin: three.nodes[home]?.fingerprint ?? "",
      credentials: { scheme: "token", token: "token-ann" },
      otherNodes: urls.filter((_, at) => at !== home),
    });
    const heard: unknown[] = [];
    await client.onEvent("news", (data) => heard.push(data)).ready;
    return { client, home, heard };
  }

  it("brings every broadcast once to every client of all nodes", async () => {
    const began = performance.now();
    for (let n = 0; n < 10; n++) {
      await Promise.all([0, 1, 2].map((home) => by(home).client.call("tell", [`${home} ${n}`])));
    }
    await vi.waitFor(
      () => expect(guests.every(({ heard }) => heard.length >= 30)).toBe(true),
      soon,
    );
    console.log(`30 events for ${CLIENTS} clients: ${Math.round(performance.now() - began)} ms`);
    for (const { heard } of guests) {
      expect(new Set(heard).size).toBe(heard.length);
      expect(heard).toHaveLength(30);
      const fromFirst = heard.filter((said) => String(said).startsWith("0"));
      expect(fromFirst).toEqual(Array.from({ length: 10 }, (_, n) => `0 ${n}`));
    }
  });

  it("loses no acknowledged state with a node, and its clients go on elsewhere in time", async () => {
    const rooms = [0, 1, 2].map((home) => by(home).client.install(roomClient()).room("lobby"));
    for (const room of rooms) await room.join();
    await vi.waitFor(() => expect(rooms[0]?.members).toHaveLength(3), soon);
    const mine = rooms[1]?.me;
    const watched: number[] = [];
    const watching = (async () => {
      for await (const { value } of by(1).client.shared.watch("counter")) {
        if (value !== undefined) watched.push(Number(value));
        if (value === 20) return;
      }
    })();
    for (let n = 1; n <= 10; n++) await by(0).client.shared.set("counter", n);
    const acknowledged: number[] = [];
    const writing = (async () => {
      for (let n = 0; ; n++) {
        await by(1).client.shared.set(`n/${n}`, n);
        acknowledged.push(n);
      }
    })().catch(() => {});
    await vi.waitFor(() => expect(acknowledged.length).toBeGreaterThan(20), soon);
    const began = performance.now();
    three.nodes[1]?.child.kill("SIGKILL");
    await writing;
    const lost = guests.filter(({ home }) => home === 1);
    await Promise.all(lost.map(({ client }) => client.call("$ping", [], { idempotent: true })));
    const backMs = Math.round(performance.now() - began);
    console.log(`${lost.length} clients were elsewhere after ${backMs} ms`);
    expect(backMs).toBeLessThan(5_000);
    await vi.waitFor(() => expect(rooms[1]?.me).toBe(mine), soon);
    await vi.waitFor(() => {
      const seen = rooms[0]?.members.map(({ id, away }) => `${id} ${away}`);
      expect(seen).toContain(`${mine} false`);
    }, soon);
    const kept = await by(2).client.shared.refresh();
    for (const n of acknowledged) expect(kept.get(`n/${n}`)).toBe(n);
    for (let n = 11; n <= 20; n++) await by(0).client.shared.set("counter", n);
    await watching;
    expect(watched).toEqual([...watched].sort((one, other) => one - other));
    expect(new Set(watched).size).toBe(watched.length);
    await by(0).client.call("tell", ["after"]);
    await vi.waitFor(() => {
      expect(guests.every(({ heard }) => heard.at(-1) === "after")).toBe(true);
    }, soon);
  });

  it("serves while the engine is away, and is one again when it is back", async () => {
    const [first, third] = [by(0), by(2)];
    await three.nats.stop();
    await first.client.call("tell", ["alone"]);
    await vi.waitFor(() => expect(first.heard.at(-1)).toBe("alone"), soon);
    await expect(first.client.shared.set("away", 1)).rejects.toMatchObject({
      code: "UNAVAILABLE",
    });
    await three.nats.start();
    const began = performance.now();
    await vi.waitFor(async () => {
      await first.client.shared.set("back", 1);
      expect((await third.client.shared.refresh()).get("back")).toBe(1);
    }, soon);
    await vi.waitFor(async () => {
      await first.client.call("tell", ["again"]);
      expect(third.heard.at(-1)).toBe("again");
    }, soon);
    const healedMs = Math.round(performance.now() - began);
    console.log(`one again after ${healedMs} ms`);
    expect(healedMs).toBeLessThan(5_000);
  });
});
