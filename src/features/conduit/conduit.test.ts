import { expect, it, vi } from "vitest";
import * as z from "zod";
import { SealwireError } from "../../core/model/errors.ts";
import { webCrypto } from "../../crypto/providers/web.ts";
import { native } from "../../dialects/native/index.ts";
import type { Server } from "../../server/server.ts";
import { type ServerAndClient, serverAndClient } from "../../testing/server-and-client.ts";
import { describe } from "../describe/describe.ts";
import { conduit } from "./conduit.ts";

function register(server: Server): void {
  server.install(describe());
  const params = { a: z.number(), b: z.number() };
  const add = { params, result: z.number(), description: "Sum." };
  server.procedure("add", add, ({ a, b }) => a + b);
  server.procedure("wrapped", () => ({ success: false, error: "no", code: 1001 }));
  server.procedure("missing", () => {
    throw new SealwireError("NOT_FOUND", "no such user", { details: { id: 7 } });
  });
  server.procedure("slow", () => new Promise(() => {}));
}

function pairOf(): Promise<ServerAndClient> {
  return serverAndClient({ dialect: native({ crypto: webCrypto() }), register });
}

it("calls by name and gives the data", async () => {
  await using pair = await pairOf();
  const client = pair.client.install(conduit());

  expect(await client.call("add", { a: 2, b: 3 })).toBe(5);
});

it("throws what the method answers as error", async () => {
  await using pair = await pairOf();
  const client = pair.client.install(conduit());

  await expect(client.call("missing")).rejects.toMatchObject({ code: "NOT_FOUND" });
  await expect(client.call("add", { a: 1 })).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
});

it("gives the wrapper instead when asked for it, also that of an error", async () => {
  await using pair = await pairOf();
  const client = pair.client.install(conduit());

  expect(await client.callRaw("add", { a: 2, b: 3 })).toEqual({ success: true, data: 5 });
  expect(await client.callRaw("wrapped")).toEqual({ success: false, error: "no", code: 1001 });
  expect(await client.callRaw("missing")).toEqual({
    success: false,
    error: "no such user",
    code: "NOT_FOUND",
    details: { id: 7 },
  });
});

it("asks the wire for the wrapper by the metadata of the call", async () => {
  await using pair = await pairOf();
  const client = pair.client.install(conduit());
  pair.server.procedure("meta", (call) => call.meta);

  expect(await client.callRaw("meta")).toEqual({ success: true, data: { "conduit.raw": "true" } });
  expect(await client.call("meta")).toEqual({});
});

it("gives up after the time that was given", async () => {
  await using pair = await pairOf();
  const client = pair.client.install(conduit());
  const ended = { code: "DEADLINE_EXCEEDED" };

  await expect(client.call("slow", {}, { timeoutMs: 20 })).rejects.toMatchObject(ended);
  await expect(client.callRaw("slow", {}, { timeoutMs: 20 })).rejects.toMatchObject(ended);
});

it("calls without waiting, and without being hit by what fails", async () => {
  await using pair = await pairOf();
  const client = pair.client.install(conduit());
  const called = new Promise((resolve) =>
    pair.server.procedure("note", ({ args }) => resolve(args)),
  );
  client.callNoWait("missing");
  client.callNoWait("note", { text: "x" });

  expect(await called).toEqual({ positional: [], named: { text: "x" } });
});

it("discovers what can be called", async () => {
  await using pair = await pairOf();
  const client = pair.client.install(conduit());
  const [add, wrapped] = await client.discover();

  expect(add).toMatchObject({ name: "add", description: "Sum.", requiresAuth: true });
  expect(Object.keys(add?.parameters ?? {})).toEqual(["a", "b"]);
  expect(wrapped).toEqual({
    name: "wrapped",
    description: "",
    parameters: {},
    returnType: "any",
    requiresAuth: true,
  });
});

it("sends and receives messages by their type", async () => {
  await using pair = await pairOf();
  const client = pair.client.install(conduit());
  const got = new Promise((resolve) => client.on("chat", resolve));
  pair.server.onEvent("chat", (data) => void pair.server.broadcast("chat", { again: data }));
  await client.call("add", { a: 1, b: 1 });
  await client.send("chat", "hello");

  expect(await got).toEqual({ again: "hello" });
});

it("tells how it is, when it is lost and when it is back", async () => {
  await using pair = await serverAndClient({
    dialect: native({ crypto: webCrypto() }),
    client: { reconnect: { baseMs: 1, maxMs: 1 } },
    register,
  });
  const client = pair.client.install(conduit());
  const lost = vi.fn();
  const back = new Promise<void>((resolve) => client.onReconnect(resolve));
  client.onDisconnect(lost);
  const open = { connected: true, state: "open", authenticated: true, reconnectAttempts: 0 };
  expect(client.health()).toEqual(open);

  for (const peer of pair.server.connections.values()) void peer.close();
  await back;
  expect(lost).toHaveBeenCalledOnce();
  expect(client.health()).toEqual(open);

  await pair.client.close();
  expect(client.health()).toMatchObject({ connected: false, state: "closed" });
});
