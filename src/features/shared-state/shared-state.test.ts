import { expect, it, onTestFinished } from "vitest";
import { servedState } from "../../../test/state/served-state.ts";
import { anonymous } from "../../auth/anonymous.ts";
import { webCrypto } from "../../crypto/providers/web.ts";
import { native } from "../../dialects/native/index.ts";
import { type ServerAndClient, serverAndClient } from "../../testing/index.ts";
import type { SharedStateOptions } from "./options.ts";
import { sharedState } from "./shared-state.ts";
import { type SharedStateClientOptions, sharedStateClient } from "./shared-state-client.ts";

/** A server that shares its variables, as `state`, and a client of it. */
async function sharing(options: SharedStateOptions = {}) {
  const { pair, state } = await servedState(options);
  const shared = pair.client.install(sharedStateClient());
  await pair.client.call("$events.watch", ["$state"]);
  return { pair, state, shared };
}

/** Another client of the same server, and the next failure that nobody waits for. */
async function another(pair: ServerAndClient, options: SharedStateClientOptions = {}) {
  const client = await pair.connect();
  let report: (said: readonly unknown[]) => void = () => {};
  const failed = new Promise<readonly unknown[]>((resolve) => {
    report = resolve;
  });
  const onError: SharedStateClientOptions["onError"] = (error, name) => report([error.code, name]);
  const shared = client.install(sharedStateClient({ onError, ...options }));
  await client.call("$events.watch", ["$state"]);
  return { client, shared, failed };
}

/** Everything that was told before has arrived. */
const settled = (pair: ServerAndClient) => pair.client.ping();

it("shares what a client sets with the server and with other clients", async () => {
  const { pair, state, shared } = await sharing();
  const other = await another(pair);
  await shared.set("counter", 5);
  await other.client.ping();
  expect([state.get("counter"), shared.get("counter"), other.shared.get("counter")]).toEqual([
    5, 5, 5,
  ]);
});

it("tells clients what the server sets and deletes", async () => {
  const { pair, state, shared } = await sharing();
  state.set("news", { text: "hello" });
  state.set("old", 1);
  expect(await Promise.all([state.delete("old"), state.delete("never")])).toEqual([true, false]);
  await settled(pair);
  expect(shared.all()).toEqual(new Map([["news", { text: "hello" }]]));
});

it("lets the last write win", async () => {
  const { pair, state, shared } = await sharing();
  const other = await another(pair);
  await Promise.all([shared.set("x", "mine"), other.shared.set("x", "yours")]);
  await Promise.all([settled(pair), other.client.ping()]);
  expect(["mine", "yours"]).toContain(state.get("x"));
  expect([shared.get("x"), other.shared.get("x")]).toEqual([state.get("x"), state.get("x")]);
});

it("fetches what was set before the client came: one, or all", async () => {
  const { pair, state } = await sharing();
  state.set("a", 1);
  state.set("__proto__", null);
  const { shared } = await another(pair);
  expect(shared.get("a")).toBeUndefined();
  expect(await shared.fetch("a")).toBe(1);
  expect(await shared.fetch("absent")).toBeUndefined();
  expect([...(await shared.refresh())]).toEqual([
    ["a", 1],
    ["__proto__", null],
  ]);
});

it("deletes on the server", async () => {
  const { state, shared } = await sharing();
  await shared.set("x", 1);
  expect([await shared.delete("x"), await shared.delete("x")]).toEqual([true, false]);
  expect([state.get("x"), shared.get("x")]).toEqual([undefined, undefined]);
});

it("has each variable as a property", async () => {
  const { pair, state, shared } = await sharing();
  shared["zahl"] = 5;
  expect(shared["zahl"]).toBe(5);
  await settled(pair);
  expect(state.get("zahl")).toBe(5);
});

it("keeps members and what every object has, whatever somebody sets", async () => {
  const { pair, state, shared } = await sharing();
  state.set("get", 1);
  state.set("toString", 1);
  state.set("then", 1);
  await settled(pair);
  expect(shared.get("then")).toBe(1);
  expect(await shared).toBe(shared);
  expect(`${shared}`).toBe("[object Object]");
  expect(() => Object.assign(shared, { get: 1 })).toThrow(TypeError);
});

it("takes back what the server refused, and tells of assignments that failed", async () => {
  const { pair } = await sharing({ maxValueBytes: 100 });
  const { shared, failed } = await another(pair);
  await shared.set("x", "small");
  await expect(shared.set("x", "x".repeat(200))).rejects.toMatchObject({ code: "TOO_LARGE" });
  expect(shared.get("x")).toBe("small");
  shared["y"] = "x".repeat(200);
  expect(await failed).toEqual(["TOO_LARGE", "y"]);
  expect(shared["y"]).toBeUndefined();
});

it("keeps no more than it may of what the server tells, and says so", async () => {
  const { pair, state } = await sharing();
  const { client, shared, failed } = await another(pair, { maxVariables: 1 });
  state.set("a", 1);
  state.set("b", 2);
  await client.ping();
  expect(await failed).toEqual(["TOO_LARGE", "b"]);
  expect(shared.all()).toEqual(new Map([["a", 1]]));
});

it.each([
  ["$state.put", ["x", 1]],
  ["$state.get", ["x"]],
  ["$state.delete", ["x"]],
  ["$state.all", []],
  ["$events.watch", ["$state"]],
])("refuses those who have proven nothing: %s", async (procedure, args) => {
  const pair = await serverAndClient({
    dialect: native({ crypto: webCrypto() }),
    register: (server) => void server.install(sharedState()),
    server: { authenticator: anonymous() },
  });
  onTestFinished(() => pair.close());
  await expect(pair.client.call(procedure, args)).rejects.toMatchObject({
    code: "UNAUTHENTICATED",
  });
});

it.each([
  ["$state.put", ["x"]],
  ["$state.put", [7, 1]],
  ["$state.put", ["n".repeat(257), 1]],
  ["$state.put", ["x", 1, 2]],
  ["$state.get", []],
])("refuses arguments that make no sense: %s", async (procedure, args) => {
  const { pair } = await sharing();
  await expect(pair.client.call(procedure, args)).rejects.toMatchObject({
    code: "INVALID_ARGUMENT",
  });
});

it("takes name and value by name, as by position, and answers true", async () => {
  const { pair, state } = await sharing();
  expect(await pair.client.call("$state.put", { name: "x", value: 1 })).toBe(true);
  expect(state.get("x")).toBe(1);
});
