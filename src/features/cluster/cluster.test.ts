import { expect, it, vi } from "vitest";
import {
  acquainted,
  clusterWorld,
  type NodeSetting,
} from "../../../test/features/cluster-world.ts";

type WorldServer = Parameters<NonNullable<NodeSetting["register"]>>[0];

const soon = { timeout: 3_000, interval: 5 };

it("brings a broadcast to the clients of all nodes, each once and in order", async () => {
  await using world = clusterWorld();
  const nodes = await Promise.all(["a", "b", "c"].map((id) => world.start(id)));
  await acquainted(...nodes);
  const heard = nodes.map(() => [] as unknown[]);
  for (const [at, { client }] of nodes.entries()) {
    await client.onEvent("news", (data) => heard[at]?.push(data)).ready;
  }
  for (let n = 0; n < 50; n++) await nodes[0]?.server.broadcast("news", n);
  const all = Array.from({ length: 50 }, (_, n) => n);
  await vi.waitFor(() => expect(heard).toEqual([all, all, all]), soon);
});

it("keeps the rules of each node for who may watch an event", async () => {
  await using world = clusterWorld();
  const register = (server: { event(name: string, options: object): void }) =>
    server.event("secret", { scopes: ["admin"] });
  const a = await world.start("a", { register, as: { id: "ann", scopes: ["admin"] } });
  const b = await world.start("b", { register, as: { id: "bob" } });
  await acquainted(a, b);
  await expect(b.client.onEvent("secret", () => {}).ready).rejects.toMatchObject({
    code: "PERMISSION_DENIED",
  });
});

it("leaves what a filter chose at the node that knows the peers", async () => {
  await using world = clusterWorld();
  const [a, b] = [await world.start("a"), await world.start("b")];
  await acquainted(a, b);
  const heard: unknown[] = [];
  await b.client.onEvent("news", (data) => heard.push(data)).ready;
  await a.server.broadcast("news", "chosen", { filter: () => true });
  await a.server.broadcast("news", "all");
  await vi.waitFor(() => expect(heard).toEqual(["all"]), soon);
});

it("answers a call at the node that has the procedure, with who calls and its deadline", async () => {
  await using world = clusterWorld();
  const a = await world.start("a", { as: { id: "ann", scopes: ["x"] } });
  const b = await world.start("b", {
    register: (server) => {
      server.procedure("who", { scopes: ["x"] }, (call) => [
        call.principal?.id,
        call.peer.id,
        call.args.positional,
        call.meta,
        call.deadline !== undefined,
      ]);
    },
  });
  await acquainted(a, b);
  await vi.waitFor(() => expect(a.node.nodes[0]?.procedures).toEqual(["who"]), soon);
  const answer = await a.client.call("who", [1, "two"], {
    timeoutMs: 5_000,
    meta: { trace: "t", $caller: "forged" },
  });
  expect(answer).toEqual(["ann", "a/c1", [1, "two"], { trace: "t" }, true]);
});

it("streams both ways through another node", async () => {
  await using world = clusterWorld();
  const a = await world.start("a");
  const b = await world.start("b", {
    register: (server) => {
      server.procedure("double", async function* ({ input }) {
        for await (const item of input) yield Number(item) * 2;
      });
    },
  });
  await acquainted(a, b);
  await vi.waitFor(() => expect(a.node.nodes[0]?.procedures).toEqual(["double"]), soon);
  const input = (async function* () {
    for (let n = 0; n < 1_200; n++) yield n;
  })();
  const items: unknown[] = [];
  for await (const item of a.client.stream("double", [], { input })) items.push(item);
  expect(items).toEqual(Array.from({ length: 1_200 }, (_, n) => n * 2));
});

it("refuses at the other node who may not call there, and tells what failed there", async () => {
  await using world = clusterWorld();
  const a = await world.start("a", { as: { id: "ann" } });
  const b = await world.start("b", {
    register: (server) => {
      server.procedure("closed", { scopes: ["admin"] }, () => 1);
      server.procedure("broken", () => {
        throw new Error("secret");
      });
    },
  });
  await acquainted(a, b);
  await vi.waitFor(() => expect(a.node.nodes[0]?.procedures).toHaveLength(2), soon);
  await expect(a.client.call("closed")).rejects.toMatchObject({ code: "PERMISSION_DENIED" });
  await expect(a.client.call("broken")).rejects.toMatchObject({ code: "INTERNAL" });
  await expect(a.client.call("nowhere")).rejects.toMatchObject({ code: "NOT_FOUND" });
});

it("calls a client wherever it is connected, by its id or its user", async () => {
  await using world = clusterWorld();
  const a = await world.start("a", { as: { id: "ann" } });
  const b = await world.start("b", { as: { id: "bob" } });
  await acquainted(a, b);
  b.client.procedure("ask", ({ args }) => `bob heard ${args.positional[0]}`);
  a.client.procedure("ask", () => "ann heard");
  expect(await a.node.call({ user: "bob" }, "ask", ["hello"])).toBe("bob heard hello");
  expect(await a.node.call({ user: "ann" }, "ask")).toBe("ann heard");
  const [found] = await a.node.clients("bob");
  expect(found).toMatchObject({ id: "b/c1", user: "bob" });
  expect(await a.node.call({ id: "b/c1" }, "ask", ["you"])).toBe("bob heard you");
  for (const gone of [{ user: "eve" }, { id: "b/c99" }, { id: "z/c1" }, { id: "" }]) {
    await expect(a.node.call(gone, "ask")).rejects.toMatchObject({ code: "NOT_FOUND" });
  }
});

it("ends the connections of a withdrawn key at all nodes", async () => {
  await using world = clusterWorld();
  const withdrawn = new AbortController();
  const principal = { id: "ann", scopes: new Set<string>(), revoked: withdrawn.signal };
  const authenticator = { authenticate: async () => principal };
  const a = await world.start("a", { server: { authenticator } });
  const b = await world.start("b", { as: { id: "ann" } });
  const c = await world.start("c", { as: { id: "bob" } });
  await acquainted(a, b, c);
  withdrawn.abort();
  await vi.waitFor(() => expect(b.server.connections.has("c1")).toBe(false), soon);
  expect(c.server.connections.has("c1")).toBe(true);
  a.node.withdraw("bob");
  await vi.waitFor(() => expect(c.server.connections.has("c1")).toBe(false), soon);
});

it("gives each call to the node with least to do, and answers itself what it can", async () => {
  await using world = clusterWorld();
  const ran = { b: 0, c: 0 };
  let release = (): void => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const a = await world.start("a");
  const others = [];
  for (const id of ["b", "c"] as const) {
    const register = (server: WorldServer) =>
      server.procedure("work", async () => {
        ran[id] += 1;
        await released;
        return id;
      });
    others.push(await world.start(id, { register }));
  }
  await acquainted(a, ...others);
  await vi.waitFor(
    () => expect(a.node.nodes.map(({ procedures }) => procedures)).toEqual([["work"], ["work"]]),
    soon,
  );
  const calls = Array.from({ length: 10 }, () => a.client.call("work"));
  await vi.waitFor(() => expect(ran).toEqual({ b: 5, c: 5 }), soon);
  const own = others[0]?.client.call("work");
  await vi.waitFor(() => expect(ran).toEqual({ b: 6, c: 5 }), soon);
  release();
  expect(await own).toBe("b");
  expect((await Promise.all(calls)).sort().join("")).toBe("bbbbbccccc");
});
