import { describe, expect, test } from "vitest";
import type { Endpoint } from "../../src/core/contracts/datagram-socket.ts";
import type { NatMode } from "../peers/simulated-nat.ts";
import type { Weather } from "../peers/simulated-network.ts";
import { SimulatedWorld } from "../peers/simulated-peers.ts";

const CLEAR: Weather = { delayMs: 25, loss: 0, twice: 0 };
const PAIRS: readonly (readonly [NatMode, NatMode])[] = [
  ["port-restricted", "port-restricted"],
  ["restricted", "restricted"],
  ["firewall", "full-cone"],
  ["symmetric", "open"],
  ["restricted", "symmetric-seq"],
];

/** Where a signal has its kind, behind the head and the cookie, and which kind is an answer. */
const [KIND_AT, ANSWER] = [29, 1];
const SIGNAL_TYPE = 5;
/** What the side that was called says to the one that calls, on its way to the rendezvous. */
const isAnswer = ({ host }: Endpoint, bytes: Uint8Array) =>
  host === "198.51.100.1" && bytes[4] === SIGNAL_TYPE && bytes[KIND_AT] === ANSWER;

/** How long both took to be on a direct path; `undefined`: they never were. */
async function meeting(world: SimulatedWorld, withinMs: number): Promise<number | undefined> {
  const began = world.clock.now();
  const calling = world.call(withinMs);
  calling.catch(() => {});
  const isDirect = () => world.a.path() === "direct" && world.b.path() === "direct";
  while (!isDirect() && world.clock.now() - began < withinMs) await world.pass(5);
  return isDirect() ? world.clock.now() - began : undefined;
}

describe("two peers in bad weather", () => {
  test("meet within two seconds when each way loses a tenth", async () => {
    const late: unknown[] = [];
    for (let seed = 1; seed <= 150; seed++) {
      const pair = PAIRS[seed % PAIRS.length] ?? ["open", "open"];
      const world = new SimulatedWorld(pair, seed * 7_919);
      await world.listen();
      world.network.weather = { delayMs: 40, loss: 0.1, twice: 0.05 };
      const tookMs = await meeting(world, 5_000);
      if (tookMs === undefined || tookMs > 2_000) late.push({ seed, pair, tookMs });
    }
    expect(late).toEqual([]);
  });

  test("do not wait long for an answer that is lost four times", async () => {
    const world = new SimulatedWorld(["port-restricted", "port-restricted"]);
    await world.listen();
    let lost = 0;
    const cut = (_: Endpoint, to: Endpoint, bytes: Uint8Array) =>
      isAnswer(to, bytes) && ++lost <= 4;
    world.network.weather = { ...CLEAR, cut };
    expect(await meeting(world, 5_000)).toBeLessThanOrEqual(1_200);
    expect(lost).toBeGreaterThan(4);
  });

  test.each<[NatMode, NatMode]>([
    ["restricted", "restricted"],
    ["symmetric", "open"],
  ])("try many ports no sooner than both are there: %s and %s", async (a, b) => {
    const world = new SimulatedWorld([a, b]);
    await world.listen();
    const until = world.clock.now() + 1_900;
    const cut = (_: Endpoint, to: Endpoint, bytes: Uint8Array) =>
      isAnswer(to, bytes) && world.clock.now() < until;
    world.network.weather = { ...CLEAR, cut };
    expect(await meeting(world, 5_000)).toBeLessThanOrEqual(3_200);
    const phases = world.a.statuses.filter((told) => "phase" in told && told.phase === "birthday");
    expect(phases).toEqual([]);
  });

  test("are found by whoever has waited for longer than the rendezvous remembers", async () => {
    const world = new SimulatedWorld(["port-restricted", "port-restricted"]);
    world.clock.after(150_000, () => void world.listen());
    await world.call(200_000);
    expect(world.b.path()).toBe("direct");
  });
});
