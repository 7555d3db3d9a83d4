import { expect, it } from "vitest";
import * as z from "zod";
import { netconduit } from "../../dialects/netconduit/index.ts";
import type { Server } from "../../server/server.ts";
import { type ServerAndClient, serverAndClient } from "../../testing/server-and-client.ts";
import { describe } from "../describe/describe.ts";
import { fileClient } from "../files/file-client.ts";
import { type Files, files } from "../files/files.ts";
import { memoryStore } from "../files/memory-store.ts";
import { rateLimit } from "../rate-limit/rate-limit.ts";
import { streamClient } from "../streams/stream-client.ts";
import { type Streams, streams } from "../streams/streams.ts";
import { conduit } from "./conduit.ts";

interface World extends AsyncDisposable {
  readonly pair: ServerAndClient;
  readonly files: Files;
  readonly streams: Streams;
}

async function world(limit = rateLimit()): Promise<World> {
  const parts: Omit<World, "pair" | typeof Symbol.asyncDispose>[] = [];
  const register = (server: Server): void => {
    server.install(describe());
    parts.push({
      files: server.install(files({ store: memoryStore(), chunkBytes: 16 })),
      streams: server.install(streams()),
    });
    const params = { a: z.number(), b: z.number() };
    server.procedure("add", { params, result: z.number() }, ({ a, b }) => a + b);
  };
  const pair = await serverAndClient({
    dialect: netconduit(),
    server: { plaintext: "allow", screen: limit.screen },
    client: { credentials: { scheme: "password", password: "secret123" } },
    register,
  });
  const [part] = parts;
  if (!part) throw new Error("nothing was installed");
  return { pair, ...part, [Symbol.asyncDispose]: () => pair.close() };
}

const CONTENT = Uint8Array.from({ length: 40 }, (_, at) => at);

it("calls, with and without the wrapper, and discovers", async () => {
  await using served = await world();
  const client = served.pair.client.install(conduit());

  expect(await client.call("add", { a: 2, b: 3 })).toBe(5);
  expect(await client.callRaw("add", { a: 2, b: 3 })).toEqual({ success: true, data: 5 });
  expect(await client.callRaw("add", { a: 2 })).toMatchObject({ success: false, code: 2000 });
  await expect(client.call("absent")).rejects.toMatchObject({ code: "NOT_FOUND" });
  expect(await client.discover()).toContainEqual({
    name: "add",
    description: "",
    parameters: { a: "number", b: "number" },
    returnType: "number",
    requiresAuth: true,
  });
});

it("carries files both ways", async () => {
  await using served = await world();
  const received: unknown[] = [];
  const arrived = new Promise<void>((resolve) => {
    const onFileReceived = (file: unknown) => {
      received.push(file);
      resolve();
    };
    const client = served.pair.client.install(fileClient({ onFileReceived }));
    void client.list();
  });
  const client = served.pair.client.install(fileClient());
  const uploaded = await client.upload("up.bin", CONTENT);
  const [peer] = served.pair.server.connections.values();
  if (peer) await served.files.sendTo(peer, "up.bin");
  await arrived;

  expect(uploaded).toMatchObject({ storedAs: "up.bin", size: 40 });
  expect(await client.download("up.bin")).toEqual(CONTENT);
  expect(await client.list()).toEqual([{ name: "up.bin", size: 40 }]);
  await expect(client.download("absent")).rejects.toMatchObject({ code: "NOT_FOUND" });
  expect(received).toEqual([{ name: "up.bin", size: 40 }]);
});

it("carries streams both ways, and answers each item of a client", async () => {
  await using served = await world();
  const stream = served.streams.create("ticks");
  const client = served.pair.client.install(streamClient());
  const answered = new Promise((resolve) => {
    served.pair.client.onEvent("stream_data_response", resolve);
  });
  const items = client.subscribe("ticks");
  await items.ready;
  await stream.push({ n: 0 });
  await stream.close();
  await client.pushToServer("up", { frame: 1 });
  const got: unknown[] = [];
  for await (const item of items) got.push(item);

  expect(got).toEqual([{ n: 0 }]);
  expect(await answered).toEqual({ received: true });
  await expect(client.subscribe("absent").ready).rejects.toMatchObject({ code: "NOT_FOUND" });
});

it("answers a call above the limit with the wire's own code", async () => {
  await using served = await world(rateLimit({ messagesPerSecond: 1, now: () => 0 }));
  const client = served.pair.client.install(conduit());
  await client.call("add", { a: 1, b: 1 });

  expect(await client.callRaw("add", { a: 1, b: 1 })).toMatchObject({ success: false, code: 6000 });
  await expect(client.call("add", { a: 1, b: 1 })).rejects.toMatchObject({ code: "RATE_LIMITED" });
});
