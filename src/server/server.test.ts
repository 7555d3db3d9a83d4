import { describe, expect, test } from "vitest";
import { ADDRESS, turns } from "../../test/simulated/world.ts";
import { worldsOfTest } from "../../test/simulated/worlds.ts";
import type { Call } from "../core/model/call.ts";
import { SealwireError } from "../core/model/errors.ts";
import type { Peer } from "../core/model/peer.ts";
import { Server } from "./server.ts";

const PUBLIC = { public: true };

const open = worldsOfTest();

describe("currentCall", () => {
  test("tells each of many clients' handlers who calls, after awaits and in generators too", async () => {
    const { server, connect } = await open({ callContext: true });
    const mine = () => server.currentCall()?.peer.id;
    server.procedure("value", PUBLIC, async (call: Call) => {
      await turns(2);
      await new Promise((resolve) => setTimeout(resolve, 0));
      return [call.peer.id, mine()];
    });
    server.procedure("stream", PUBLIC, async function* (call: Call) {
      yield [call.peer.id, mine()];
      await turns(1);
      yield [call.peer.id, mine()];
    });
    const clients = await Promise.all(Array.from({ length: 8 }, () => connect()));
    const values = await Promise.all(clients.map((client) => client.call("value")));
    const streams = await Promise.all(clients.map((client) => collect(client.stream("stream"))));
    const pairs = [...values, ...streams.flat()] as [string, string][];
    expect(pairs).toHaveLength(24);
    expect(pairs.filter(([caller, current]) => caller !== current)).toEqual([]);
    expect(new Set(pairs.map(([caller]) => caller)).size).toBe(8);
  });

  test("says what is missing when it was not asked for", async () => {
    const { server } = await open();
    expect(() => server.currentCall()).toThrow(/callContext: true/);
  });
});

test("hooks are told in order, and what they throw changes nothing", async () => {
  const told: string[] = [];
  const world = await open();
  const { server } = world;
  server.onConnect(({ id }) => void told.push(`came ${id}`));
  server.onConnect(async () => {
    throw new Error("a hook's own failure");
  });
  server.onDisconnect(({ id }, reason) => void told.push(`went ${id} ${reason?.message ?? ""}`));
  server.onShutdown(() => void told.push("shut down"));
  const client = await world.connect();
  await client.close();
  await turns();
  await world.close();
  expect(told).toEqual(["came c1", "went c1 ", "shut down"]);
  expect(world.lines.filter(({ message }) => message === "a hook failed")).toHaveLength(1);
});

test("a hook of the start that fails keeps the server from listening", async () => {
  const { schemes, platform } = await open();
  const server = new Server({}, { platform, schemes, fingerprint: async () => "" });
  server.onStart(() => Promise.reject(new Error("no database")));
  await expect(server.listen("memory://other")).rejects.toThrow("no database");
  expect(server.isRunning).toBe(false);
});

test("name, version and description are told, and both ends know each other", async () => {
  const world = await open({ name: "demo", version: "1.2.3", description: "for a test" });
  const client = await world.connect({ name: "tester", version: "9" });
  await turns();
  expect(client.connection?.about).toEqual({
    name: "demo",
    version: "1.2.3",
    description: "for a test",
  });
  const [connection] = world.server.connections.values();
  expect(connection?.about).toEqual({ name: "tester", version: "9" });
  expect(connection).toMatchObject({ id: "c1", dialect: "native", principal: undefined });
  expect(connection?.remote).toContain("memory");
  expect(connection?.since).toBeGreaterThan(0);
});

test("a server knows where it listens, until it is closed", async () => {
  const { server } = await open({ maxConnections: 5 });
  expect([server.isRunning, server.address?.href, server.config.maxConnections]).toEqual([
    true,
    ADDRESS,
    5,
  ]);
  await server.close();
  expect([server.isRunning, server.address]).toEqual([false, undefined]);
  await expect(server.listen("memory://again")).rejects.toMatchObject({ code: "UNAVAILABLE" });
});

test("one connection can be spoken to and closed alone", async () => {
  const world = await open();
  world.server.event("tick", PUBLIC);
  const [one, other] = [await world.connect(), await world.connect()];
  const heard: string[] = [];
  await one.onEvent("tick", (data) => heard.push(`one ${data}`)).ready;
  await other.onEvent("tick", (data) => heard.push(`other ${data}`)).ready;
  const [first] = world.server.connections.values();
  await first?.emit("tick", 1);
  await first?.close(new SealwireError("PERMISSION_DENIED", "out"));
  await turns();
  expect(heard).toEqual(["one 1"]);
  expect([one.state, other.state]).toEqual(["closed", "open"]);
});

describe("middleware", () => {
  test("of one type wraps both ends, the first outermost, also around streams", async () => {
    const world = await open();
    const client = await world.connect();
    const log: string[] = [];
    const note = (name: string) => async (call: Call, next: (call: Call) => Promise<unknown>) => {
      log.push(`${name} in`);
      const answer = await next({ ...call, procedure: call.procedure, args: call.args });
      log.push(`${name} out`);
      return answer;
    };
    client.use(note("client 1"));
    client.use(note("client 2"));
    world.server.use(note("server 1"));
    world.server.procedure("stream", PUBLIC, async function* () {
      yield 1;
    });
    expect(await collect(client.stream("stream"))).toEqual([1]);
    expect(log).toEqual([
      "client 1 in",
      "client 2 in",
      "client 2 out",
      "client 1 out",
      "server 1 in",
      "server 1 out",
    ]);
  });

  test("may answer itself, change what is sent, and turn one error into another", async () => {
    const world = await open();
    const client = await world.connect();
    world.server.expose({ echo: (...args: unknown[]) => args }, PUBLIC);
    world.server.use((call, next) =>
      call.procedure === "cached" ? Promise.resolve("from cache") : next(call),
    );
    world.server.procedure("cached", PUBLIC, () => "never");
    client.use((call, next) => next({ ...call, args: { positional: [2], named: { b: 3 } } }));
    client.use(async (call, next) => {
      try {
        return await next(call);
      } catch (thrown) {
        throw new SealwireError("CONFLICT", "mapped", { cause: thrown });
      }
    });
    expect(await client.call("cached")).toBe("from cache");
    expect(await client.call("echo", [1])).toEqual([2, { b: 3 }]);
    await expect(client.call("unknown")).rejects.toMatchObject({ code: "CONFLICT" });
  });
});

test("a feature sees what it needs of its server", async () => {
  const world = await open();
  const client = await world.connect();
  client.expose({ mixed: (...args: unknown[]) => args });
  await turns();
  const host = world.server.install((given) => given);
  host.procedure("$feature", PUBLIC, () => [...host.peers()].length);
  expect(await client.call("$feature")).toBe(1);
  const [peer] = [...host.peers()] as [Peer];
  const args = { positional: [1], named: { b: 2 } };
  expect(await host.call(peer, "mixed", args)).toEqual([1, { b: 2 }]);
  expect(host.procedures().has("$feature")).toBe(true);
});

async function collect(items: AsyncIterable<unknown>): Promise<unknown[]> {
  const all: unknown[] = [];
  for await (const item of items) all.push(item);
  return all;
}
