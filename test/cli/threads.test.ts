import { afterAll, afterEach, beforeEach, expect, it } from "vitest";
import { z } from "zod";
import { piscina } from "../../src/adapters/piscina/piscina.ts";
import type { SealwireError } from "../../src/core/model/errors.ts";
import { native } from "../../src/presets/node.ts";
import type { Server } from "../../src/server/server.ts";
import { type ServerAndClient, serverAndClient } from "../../src/testing/server-and-client.ts";

const TASKS = new URL("../workers/tasks.ts", import.meta.url);
const executor = piscina({ threads: 2, maxQueue: 1, maxMemoryMb: 64 });
let pair: ServerAndClient;

function register(server: Server): void {
  const plain = ["add", "kinds", "lastOf", "taken", "wrong", "spin", "spinFor", "exit", "crash"];
  for (const handler of [...plain, "devour", "closure", "fromDefault", "missing", "toString"]) {
    server.procedure(handler, { worker: { module: TASKS, handler } });
  }
  const params = { name: z.string() };
  server.procedure("greet", { params, worker: { module: TASKS, handler: "greet" } });
  const module = "test/workers/plain.mjs";
  server.procedure("double", { worker: { module, handler: "double" } });
}

beforeEach(async () => {
  const as = { id: "ann", scopes: ["a", "b"] };
  pair = await serverAndClient({ dialect: native(), register, as, server: { executor } });
});
afterEach(() => pair.close());
afterAll(() => executor.close());

const code = (error: SealwireError) => error.code;

it("runs functions of TypeScript and JavaScript modules with their arguments", async () => {
  const { client } = pair;
  expect(await client.call("add", [2, 3])).toBe(5);
  expect(await client.call("double", [21])).toBe(42);
  expect(await client.call("fromDefault", ["x"])).toBe("default x");
  expect(await client.call("lastOf", [1], { named: { b: 2 } })).toEqual({ b: 2 });
});

it("hands declared parameters and what is known of the call to the thread", async () => {
  const options = { meta: { trace: "t1" } };
  expect(await pair.client.call("greet", { name: "Bob" }, options)).toBe(
    "Bob by ann (a b) with t1",
  );
  await expect(pair.client.call("greet", [7])).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
});

it("carries rich values both ways, and of a view only what it shows", async () => {
  const bytes = new Uint8Array(100).fill(7).subarray(10, 12);
  expect(await pair.client.call("kinds", [bytes, 5n, new Set([1])])).toEqual([
    new Uint8Array([7, 7]),
    5n,
    new Set([1]),
    new Map([["a", 1n]]),
    new Date(0),
    new Uint8Array([1, 2]),
  ]);
});

it("lets coded errors cross and hides all others behind a reference", async () => {
  const { client } = pair;
  await expect(client.call("taken")).rejects.toMatchObject({
    code: "CONFLICT",
    message: "that is taken",
    details: { by: "ann" },
  });
  const hidden = await client.call("wrong").catch((error: SealwireError) => error.message);
  expect(hidden).toMatch(/^internal error, reference/);
  expect(await client.call("missing").catch(code)).toBe("INTERNAL");
  expect(await client.call("toString").catch(code)).toBe("INTERNAL");
});

it("keeps answering others while threads compute", async () => {
  const { client } = pair;
  const busy = client.call("spinFor", [300]);
  const roundTripMs = await client.ping();
  expect(roundTripMs).toBeLessThan(200);
  expect(await busy).toBe(300);
});

it("ends a task that hangs when its caller gives up, and replaces its thread", async () => {
  const { client } = pair;
  await client.call("add", [1, 1]);
  const hanging = [1, 2].map(() => client.call("spin", [], { timeoutMs: 100 }).catch(code));
  expect(await Promise.all(hanging)).toEqual(["DEADLINE_EXCEEDED", "DEADLINE_EXCEEDED"]);
  expect(await client.call("add", [2, 3])).toBe(5);
});

it.each(["exit", "crash", "devour"])("fails only the call whose thread dies: %s", async (how) => {
  const { client } = pair;
  const other = client.call("spinFor", [500]);
  expect(await client.call(how).catch(code)).toBe("UNAVAILABLE");
  expect(await other).toBe(500);
  expect(await client.call("add", [2, 3])).toBe(5);
});

it("says that a function cannot cross, and goes on", async () => {
  const refused = pair.client.call("closure");
  await expect(refused).rejects.toMatchObject({
    code: "INTERNAL",
    message: expect.stringContaining("cannot cross"),
  });
  expect(await pair.client.call("add", [2, 3])).toBe(5);
});

it("refuses a task beyond the queue", async () => {
  const calls = [1, 2, 3, 4].map(() => pair.client.call("spinFor", [100]).catch(code));
  expect(await Promise.all(calls)).toEqual([100, 100, 100, "RATE_LIMITED"]);
});

it("says at registration what is missing", () => {
  const { server } = pair;
  const module = "/nowhere/tasks.ts";
  const register = (worker: object) => () => server.procedure("x", { worker } as never);
  expect(register({ module, handler: "x" })).toThrow("there is no module /nowhere/tasks.ts");
  expect(register({ module: TASKS })).toThrow("worker wants { module, handler }");
  const both = () => Reflect.apply(server.procedure, server, ["x", { worker: {} }, () => 1]);
  expect(both).toThrow("has a handler and names a worker");
});

it("refuses procedures of threads on a server that has none", async () => {
  await using plain = await serverAndClient({ dialect: native() });
  const register = () => plain.server.procedure("x", { worker: { module: TASKS, handler: "add" } });
  expect(register).toThrow("give an executor");
});
