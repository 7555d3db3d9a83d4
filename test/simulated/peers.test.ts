import { describe, expect, test } from "vitest";
import type { NatMode } from "../peers/simulated-nat.ts";
import { SimulatedWorld } from "../peers/simulated-peers.ts";

/** What a simultaneous open gets through, as the laboratory measured it; the rest is relayed. */
const PUNCHABLE: readonly (readonly [NatMode, NatMode])[] = [
  ["open", "open"],
  ["open", "symmetric"],
  ["firewall", "firewall"],
  ["firewall", "port-restricted"],
  ["full-cone", "full-cone"],
  ["full-cone", "symmetric"],
  ["restricted", "restricted"],
  ["restricted", "symmetric"],
  ["restricted", "port-restricted"],
  ["port-restricted", "port-restricted"],
  ["port-restricted", "symmetric-seq"],
];
const BOTH_WAYS = PUNCHABLE.flatMap(([a, b]) =>
  a === b
    ? [[a, b]]
    : [
        [a, b],
        [b, a],
      ],
) as [NatMode, NatMode][];

describe("two peers behind routers", () => {
  test.each(BOTH_WAYS)("%s and %s meet directly", async (a, b) => {
    const world = new SimulatedWorld([a, b]);
    await world.meet(2_000);
    await world.pass(2_000);
    expect([world.a.path(), world.b.path()]).toEqual(["direct", "direct"]);
  });

  test.each<[NatMode, NatMode, string, string]>([
    ["symmetric", "symmetric", "relay-udp", "relay-udp"],
    ["blocked", "blocked", "relay-ws", "relay-ws"],
    ["blocked", "open", "relay-ws", "relay-udp"],
    ["symmetric", "blocked", "relay-udp", "relay-ws"],
  ])("%s and %s are relayed", async (a, b, forA, forB) => {
    const world = new SimulatedWorld([a, b]);
    await world.meet(2_000);
    expect([world.a.path(), world.b.path()]).toEqual([forA, forB]);
    await world.pass(10_000);
    expect([world.a.path(), world.b.path()]).toEqual([forA, forB]);
  });

  test.each<[NatMode, NatMode]>([
    ["symmetric", "port-restricted"],
    ["port-restricted", "symmetric"],
    ["firewall", "symmetric"],
    ["firewall", "symmetric-addr"],
    ["symmetric-addr", "port-restricted"],
    ["port-restricted", "symmetric-addr"],
  ])("%s and %s begin with the relay and meet by a birthday", async (a, b) => {
    const world = new SimulatedWorld([a, b], 7);
    await world.meet(1_000);
    expect(world.b.path()).toBe("relay-udp");
    await world.pass(12_000);
    expect([world.a.path(), world.b.path()]).toEqual(["direct", "direct"]);
  });

  test("agree on the numbers of their streams and on who begins", async () => {
    const world = new SimulatedWorld(["port-restricted", "restricted"]);
    await world.meet();
    const [near] = world.b.streams;
    const [far] = world.a.streams;
    expect(near?.agreed.remoteStream).toBe(far?.agreed.localStream);
    expect(near?.agreed.localStream).toBe(far?.agreed.remoteStream);
    expect(near?.agreed.secret).toEqual(far?.agreed.secret);
    expect([near?.agreed.initiator, far?.agreed.initiator]).toEqual([true, false]);
  });

  test("meet when a fifth of all datagrams is lost and a fifth comes twice", async () => {
    const world = new SimulatedWorld(["port-restricted", "port-restricted"], 3);
    world.network.weather = { delayMs: 40, loss: 0.2, twice: 0.2 };
    await world.meet(10_000);
    await world.pass(3_000);
    expect(world.b.path()).toBe("direct");
    expect(world.a.streams).toHaveLength(1);
  });

  test("do not find each other with different keys, and nothing is established", async () => {
    const world = new SimulatedWorld(["open", "open"]);
    const meeting = world.meet(
      5_000,
      new Uint8Array(32).map((_, at) => (at * 91) & 255),
    );
    await expect(meeting).rejects.toMatchObject({ code: "UNAVAILABLE" });
    expect([world.a.streams, world.b.streams]).toEqual([[], []]);
  });

  test("meet when the one who listens comes later than the one who calls", async () => {
    const world = new SimulatedWorld(["port-restricted", "port-restricted"]);
    const calling = world.call(20_000);
    await world.pass(3_000);
    await world.listen();
    await calling;
    expect(world.b.path()).toBe("direct");
  });
});

describe("a path", () => {
  test("is left for the relay when it dies, and taken again when it lives", async () => {
    const world = new SimulatedWorld(["port-restricted", "port-restricted"]);
    await world.meet();
    await world.pass(2_000);
    expect(world.b.path()).toBe("direct");
    world.a.host.nat.mode = "symmetric";
    world.a.host.nat.forget();
    world.b.host.nat.mode = "symmetric";
    world.b.host.nat.forget();
    await world.pass(40_000);
    expect(world.b.path()).toBe("relay-udp");
    world.a.host.nat.mode = "full-cone";
    world.a.host.nat.forget();
    await world.pass(120_000);
    expect(world.b.path()).toBe("direct");
    expect(world.b.streams).toHaveLength(1);
  });

  test("follows a router that gives another port", async () => {
    const world = new SimulatedWorld(["port-restricted", "port-restricted"]);
    await world.meet();
    await world.pass(2_000);
    world.b.host.nat.forget();
    await world.pass(30_000);
    expect(world.b.path()).toBe("direct");
    expect(world.b.statuses.some(({ status }) => status === "ERROR")).toBe(false);
  });

  test("that stays away for half a minute ends the session, so that somebody connects anew", async () => {
    const world = new SimulatedWorld(["open", "open"]);
    const channel = await world.meet();
    world.network.weather = { delayMs: 10, loss: 1, twice: 0 };
    await world.pass(25_000);
    expect(world.b.statuses.some(({ status }) => status === "RECONNECTING")).toBe(false);
    await world.pass(20_000);
    expect(world.b.statuses.at(-1)).toEqual({ status: "RECONNECTING" });
    await channel.close();
  });

  test("is given up soon when the other side runs anew and knows nothing of it", async () => {
    const world = new SimulatedWorld(["port-restricted", "port-restricted"]);
    await world.meet();
    await world.pass(2_000);
    world.a.host.crash();
    await world.pass(1_000);
    await world.listen();
    await world.pass(20_000);
    expect(world.b.statuses.at(-1)).toEqual({ status: "RECONNECTING" });
    await world.call(2_000);
    expect(world.a.streams).toHaveLength(2);
  });

  test("costs few datagrams while nothing moves", async () => {
    const world = new SimulatedWorld(["port-restricted", "port-restricted"]);
    await world.meet();
    await world.pass(20_000);
    const before = world.network.sent;
    await world.pass(60_000);
    expect(world.network.sent - before).toBeLessThan(80);
  });
});
