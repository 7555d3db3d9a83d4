import { expect, it, vi } from "vitest";
import { acquainted, clusterWorld } from "../../../test/features/cluster-world.ts";
import { memoryClusterHub } from "../../adapters/memory-cluster/index.ts";
import { msgpackCodec } from "../../codecs/msgpack.ts";
import type { Logger } from "../../core/contracts/logger.ts";
import { NodeSeat } from "../../core/engine/node-seat.ts";
import { manualClock } from "../../testing/manual-clock.ts";
import { metrics } from "../metrics/metrics.ts";
import { Bus } from "./bus.ts";
import { cluster } from "./cluster.ts";
import { Membership } from "./membership.ts";
import { clusterConfig } from "./options.ts";

const soon = { timeout: 3_000, interval: 5 };

function recorded(): { readonly logger: Logger; readonly lines: string[] } {
  const lines: string[] = [];
  const add = (level: string) => (fields: object, message: string) =>
    void lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
  const [debug, info, warn, error] = ["debug", "info", "warn", "error"].map(add);
  if (!debug || !info || !warn || !error) throw new Error("four levels");
  return { logger: { debug, info, warn, error }, lines };
}

/** A node of its own at a hub, with time that stands still. */
async function member(hub: ReturnType<typeof memoryClusterHub>, nodeId: string) {
  const clock = manualClock(1_000_000);
  const { logger, lines } = recorded();
  const config = clusterConfig({ cluster: hub.node(nodeId), clock, logger, maxNodes: 2 });
  const seat = new NodeSeat(logger);
  const bus: Bus = new Bus(config, (from, message) => void members.receive(from, message));
  const members: Membership = new Membership(config, bus, {
    reports: seat.join({ self: nodeId, others: [], reachable: true, say() {} }),
    load: () => 0,
    ticked() {},
    gone() {},
  });
  await bus.start();
  members.start();
  const names = () => members.others.map(({ node }) => node);
  return { clock, members, lines, names, bus, seat };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

it("counts silence by its own ticks, so that no clock makes a node seem dead or alive", async () => {
  const hub = memoryClusterHub();
  const a = await member(hub, "a");
  await member(hub, "b");
  await turn();
  expect(a.names()).toEqual(["b"]);
  a.clock.advance(4_000);
  expect(a.names()).toEqual(["b"]);
  a.clock.advance(1_000);
  expect(a.names()).toEqual([]);
});

it("blames nobody for silence while the engine is gone", async () => {
  const hub = memoryClusterHub();
  const a = await member(hub, "a");
  const b = await member(hub, "b");
  await turn();
  hub.lose();
  a.clock.advance(60_000);
  expect(a.names()).toEqual(["b"]);
  hub.restore();
  a.clock.advance(3_000);
  b.clock.advance(1_000);
  await turn();
  a.clock.advance(3_000);
  expect(a.names()).toEqual(["b"]);
  expect(a.lines.filter((line) => line.startsWith("error"))).toHaveLength(1);
});

it("asks a node to tell all again when something of it did not arrive", async () => {
  const hub = memoryClusterHub();
  const [a, b] = [await member(hub, "a"), await member(hub, "b")];
  await turn();
  const asked: string[] = [];
  b.seat.onCome((node) => asked.push(node));
  hub.lose("a");
  b.members.say("topic", "lost");
  hub.restore("a");
  await turn();
  b.members.say("topic", "heard");
  await turn();
  expect(asked).toEqual(["a"]);
  b.clock.advance(1_000);
  await turn();
  expect(asked).toEqual(["a"]);
  expect(a.lines.some((line) => line.includes("asks for all"))).toBe(true);
});

it("knows a node that was started anew, and hears no more nodes than it may", async () => {
  const hub = memoryClusterHub();
  const a = await member(hub, "a");
  await member(hub, "b");
  await turn();
  const [first] = a.members.others;
  hub.lose("b");
  const other = memoryClusterHub();
  const anew = new Bus(clusterConfig({ cluster: other.node("b") }), () => {});
  a.members.receive(anew, { kind: "hello", seq: 0, load: 0, answer: true });
  expect(a.members.others.map(({ node }) => node)).toEqual(["b"]);
  expect(a.members.others[0]?.life).not.toBe(first?.life);
  for (const node of ["c", "d", "e"]) {
    a.members.receive({ node, life: "00" }, { kind: "hello", seq: 0, load: 0, answer: true });
  }
  expect(a.names()).toEqual(["b", "c"]);
  expect(a.lines.some((line) => line.includes("too many nodes"))).toBe(true);
});

it("ignores with one line what it does not understand, and says when its name is taken", async () => {
  const hub = memoryClusterHub();
  const a = await member(hub, "a");
  const stranger = hub.node("x");
  const codec = msgpackCodec();
  const say = (value: unknown) => stranger.publish("nodes", codec.encode(value));
  for (let n = 0; n < 3; n++) {
    await say({ node: "n", life: "0011223344556677", kind: "tomorrow" });
    await say({ node: "a", life: "0011223344556677", kind: "bye" });
    await stranger.publish("nodes", new Uint8Array([0xc1]));
  }
  await turn();
  const told = a.lines.filter((line) => !line.startsWith("info"));
  expect(told.map((line) => line.split(" ", 1)[0])).toEqual(["warn", "error", "warn"]);
  expect(told[1]).toContain("same name");
});

it("refuses names that no subject can have, and a second cluster", () => {
  const hub = memoryClusterHub();
  expect(() => cluster({ cluster: hub.node("a.b") })).toThrow("nodeId is a.b");
  expect(() => cluster({ cluster: hub.node("a"), maxNodes: 0 })).toThrow("maxNodes");
  const seat = new NodeSeat(recorded().logger);
  const carrier = { self: "a", others: [], reachable: true, say() {} };
  seat.join(carrier);
  expect(() => seat.join(carrier)).toThrow("is the node a of a cluster already");
});

it("shows in its metrics which nodes are there and whether the engine is", async () => {
  await using world = clusterWorld();
  const [a, b] = [await world.start("a"), await world.start("b")];
  await acquainted(a, b);
  const { toObject, toPrometheus } = a.server.install(metrics());
  expect(toObject().cluster).toEqual({ otherNodes: 1, reachable: true });
  world.hub.lose();
  expect(toPrometheus()).toContain("sealwire_cluster_reachable 0");
  expect(await a.client.call("$ping")).toBe(true);
  world.hub.restore();
  await vi.waitFor(() => expect(toObject().cluster?.reachable).toBe(true), soon);
});

it("fails calls for a node that has gone, and finds another that has the procedure", async () => {
  await using world = clusterWorld();
  const a = await world.start("a");
  const register = (server: { procedure(name: string, run: () => unknown): void }) => {
    server.procedure("where", () => "here");
    server.procedure("hang", () => new Promise(() => {}));
  };
  const b = await world.start("b", { register });
  await acquainted(a, b);
  await vi.waitFor(() => expect(a.node.nodes[0]?.procedures).toHaveLength(2), soon);
  const hanging = a.client.call("hang", [], { timeoutMs: 60_000 });
  const failed = expect(hanging).rejects.toMatchObject({ code: "UNAVAILABLE" });
  await vi.waitFor(() => expect(b.node.nodes).toHaveLength(1), soon);
  expect(await a.client.call("where")).toBe("here");
  world.kill("b");
  await failed;
  await vi.waitFor(async () => {
    await expect(a.client.call("where")).rejects.toMatchObject({ code: "NOT_FOUND" });
  }, soon);
  const c = await world.start("c", { register });
  await vi.waitFor(() => expect(a.node.nodes[0]?.procedures).toHaveLength(2), soon);
  expect(c.node.nodes.map(({ id }) => id)).toEqual(["a"]);
  expect(await a.client.call("where")).toBe("here");
});
