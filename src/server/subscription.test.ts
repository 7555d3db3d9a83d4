import { describe, expect, test } from "vitest";
import { turns, type World, type WorldOptions } from "../../test/simulated/world.ts";
import { listening, worldsOfTest } from "../../test/simulated/worlds.ts";
import type { WatchOptions } from "../client/event-receivers.ts";
import { manualClock } from "../testing/manual-clock.ts";
import type { SlowConsumer } from "./options.ts";

const BULK = "x".repeat(4_000);

const make = worldsOfTest();

async function open(options?: WorldOptions): Promise<World> {
  const world = await make(options);
  world.server.event("tick", { public: true });
  return world;
}

describe("a client that does not read", () => {
  test("with block makes the sender wait, in order, until it reads again", async () => {
    const { world, slow, go } = await stalled("block");
    const sending = world.server.broadcast("tick", "last");
    let sent = false;
    void sending.then(() => {
      sent = true;
    });
    await turns();
    expect(sent).toBe(false);
    go();
    await sending;
    await slow.client.ping();
    expect(slow.heard.at(-1)).toBe("last");
  });

  test("with block is closed when it takes too long, and holds nobody else", async () => {
    const { world, slow, clock, go } = await stalled("block");
    const sending = world.server.broadcast("tick", "last");
    await turns();
    clock.advance(10_000);
    await sending;
    clock.advance(2_000);
    go();
    await turns();
    expect(slow.client.state).toBe("closed");
  });

  test("with block is closed when senders pile up that do not wait", async () => {
    const { world, clock } = await stalled("block");
    const [connection] = world.server.connections.values();
    for (let i = 0; i < 5_000; i++) void world.server.broadcast("tick", i);
    await turns();
    clock.advance(2_000);
    await turns();
    expect(connection?.ending).toBe(true);
  });

  test("with drop-oldest loses the oldest and keeps so many", async () => {
    const { world, slow, go } = await stalled("drop-oldest", { buffer: 3 });
    for (let i = 0; i < 10; i++) await world.server.broadcast("tick", i);
    go();
    await slow.client.ping();
    await turns();
    expect(slow.heard.slice(-3)).toEqual([7, 8, 9]);
    expect(slow.heard).not.toContain(6);
  });

  test("with conflate keeps the latest alone", async () => {
    const { world, slow, go } = await stalled("conflate");
    for (let i = 0; i < 10; i++) await world.server.broadcast("tick", i);
    go();
    await slow.client.ping();
    await turns();
    expect(slow.heard.filter((data) => data !== BULK)).toEqual([9]);
  });

  test("with disconnect is told RATE_LIMITED and closed", async () => {
    const { world, slow, clock, go } = await stalled("disconnect");
    for (let i = 0; i < 10; i++) await world.server.broadcast("tick", i);
    go();
    await turns();
    clock.advance(2_000);
    await turns();
    expect(slow.client.state).toBe("closed");
    expect(world.server.connections.size).toBe(0);
  });

  test("does not keep others from hearing at once", async () => {
    const { world } = await stalled("drop-oldest");
    const honest = await listening(world);
    for (let i = 0; i < 100; i++) await world.server.broadcast("tick", i);
    await turns();
    expect(honest.heard).toHaveLength(100);
  });
});

/** A listener whose path is full: what is sent from now on has to wait. */
async function stalled(slow: SlowConsumer, options: WatchOptions = {}) {
  const clock = manualClock();
  const world = await open({ clock, maxWaitingBytes: 2_000 });
  const listener = await listening(world, { slow, ...options });
  const go = world.transport.taps.at(-1)?.stall() ?? (() => {});
  for (let i = 0; i < 4; i++) {
    world.server.connections.forEach((connection) => {
      if (!connection.blocked) connection.push("tick", BULK);
    });
    await turns(2);
  }
  return { world, slow: listener, clock, go };
}
