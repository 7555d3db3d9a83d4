import { describe, expect, test } from "vitest";
import type { Endpoint } from "../../src/core/contracts/datagram-socket.ts";
import type { Channel } from "../../src/core/contracts/transport.ts";
import { SimulatedWorld } from "../peers/simulated-peers.ts";

const CLEAR = { delayMs: 10, loss: 0, twice: 0 } as const;
const atHome = ({ host }: Endpoint) => host.startsWith("203.0.113.");
const atService = ({ host }: Endpoint) => host === "198.51.100.1";

/** Something is written twenty times a second. */
async function flow(world: SimulatedWorld, channel: Channel, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 50) {
    void channel.write([new Uint8Array(100)]);
    await world.pass(50);
  }
}

describe("a path of peers", () => {
  test("that dies while data flows is left within half a second, and the data sent again", async () => {
    const world = new SimulatedWorld(["port-restricted", "port-restricted"]);
    const channel = await world.meet();
    await world.pass(9_000);
    await flow(world, channel, 1_000);
    expect([world.b.path(), world.b.streams[0]?.resent()]).toEqual(["direct", 0]);
    world.network.weather = { ...CLEAR, cut: (from, to) => atHome(from) && atHome(to) };
    await flow(world, channel, 500);
    expect([world.b.path(), world.b.streams[0]?.resent()]).toEqual(["relay-udp", 1]);
    expect(world.b.statuses.at(-2)?.status).toBe("UDP_ESTABLISHED");
  });

  test("through a relay that was killed and runs again at once is given up within two seconds", async () => {
    const world = new SimulatedWorld(["symmetric", "symmetric"]);
    const channel = await world.meet();
    await flow(world, channel, 1_000);
    world.restartService();
    await flow(world, channel, 2_000);
    expect(world.b.statuses.at(-1)).toEqual({ status: "RECONNECTING" });
    await channel.close();
    // Whom nothing was sent to is registered anew when his time has come.
    const again = await world.call(12_000);
    expect(world.b.path()).toBe("relay-udp");
    await again.close();
  });

  test("becomes direct where UDP reached the rendezvous later than the WebSocket", async () => {
    const world = new SimulatedWorld(["port-restricted", "port-restricted"]);
    const late = (from: Endpoint, to: Endpoint) => from.host === "203.0.113.2" && atService(to);
    await world.listen();
    world.network.weather = { ...CLEAR, cut: late };
    await world.call(5_000);
    expect(world.b.path()).toBe("relay-ws");
    world.network.weather = CLEAR;
    await world.pass(6_000);
    expect([world.a.path(), world.b.path()]).toEqual(["direct", "direct"]);
  });

  test("leaves no place behind at the rendezvous that others need", async () => {
    const world = new SimulatedWorld(["open", "open"], 1, { maxPeersPerNetwork: 2 });
    await (await world.meet()).close();
    for (let again = 0; again < 3; again++) await (await world.call(2_000)).close();
    expect(world.a.streams).toHaveLength(4);
  });

  test("is found through a rendezvous whose name has an address that leads nowhere", async () => {
    const world = new SimulatedWorld(["port-restricted", "port-restricted"]);
    world.rendezvous = "udp://meet.example:3478";
    world.names.set("meet.example", ["198.51.100.77", "198.51.100.1"]);
    await world.meet(2_000);
    await world.pass(1_000);
    const kinds = world.b.statuses.flatMap((told) => ("path" in told ? told.path : []));
    expect(kinds).not.toContain("relay-ws");
    expect([world.a.path(), world.b.path()]).toEqual(["direct", "direct"]);
  });
});
