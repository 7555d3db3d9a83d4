import { expect, it, vi } from "vitest";
import type { ClientOptions } from "../../client/options.ts";
import { webCrypto } from "../../crypto/providers/web.ts";
import { native } from "../../dialects/native/index.ts";
import { type ServerAndClient, serverAndClient } from "../../testing/server-and-client.ts";
import type { StreamsOptions } from "./options.ts";
import { streamClient } from "./stream-client.ts";
import { type Streams, streams } from "./streams.ts";

interface Pair extends AsyncDisposable {
  readonly pair: ServerAndClient;
  readonly handle: Streams;
}

async function pairOf(options: StreamsOptions = {}, client: ClientOptions = {}): Promise<Pair> {
  const installed: Streams[] = [];
  const pair = await serverAndClient({
    dialect: native({ crypto: webCrypto() }),
    client,
    register: (server) => installed.push(server.install(streams(options))),
  });
  const [handle] = installed;
  if (!handle) throw new Error("nothing was installed");
  return { pair, handle, [Symbol.asyncDispose]: () => pair.close() };
}

it("brings what is pushed to those who have subscribed, until the stream is closed", async () => {
  await using world = await pairOf();
  const stream = world.handle.create("ticks");
  const items = world.pair.client.install(streamClient()).subscribe("ticks");
  await items.ready;
  await stream.push(1);
  await stream.push({ two: 2 });
  await stream.close();
  const got: unknown[] = [];
  for await (const item of items) got.push(item);

  expect(got).toEqual([1, { two: 2 }]);
  expect(world.handle.list()).toEqual([]);
  await expect(stream.push(3)).rejects.toMatchObject({ code: "UNAVAILABLE" });
});

it("brings it to nobody else", async () => {
  await using world = await pairOf();
  const stream = world.handle.create("ticks");
  const stranger = vi.fn();
  const other = await world.pair.connect();
  await other.onEvent("stream_data", stranger).ready;
  const items = world.pair.client.install(streamClient()).subscribe("ticks");
  await items.ready;

  expect(await stream.push(1)).toEqual({ delivered: 1, skipped: 0 });
  expect((await items.next()).value).toBe(1);
  await other.call("stream_list");
  expect(stranger).not.toHaveBeenCalled();
});

it("pushes to all clients, or to some, whether or not they have subscribed", async () => {
  await using world = await pairOf();
  world.handle.create("news");
  const got: unknown[] = [];
  const second = await world.pair.connect();
  await world.pair.client.onEvent("stream_data", (data) => got.push([1, data])).ready;
  await second.onEvent("stream_data", (data) => got.push([2, data])).ready;
  const [first] = world.pair.server.connections.values();

  expect(await world.handle.pushToClients("news", "all")).toMatchObject({ delivered: 2 });
  expect(await world.handle.pushToClients("news", "one", first ? [first] : [])).toMatchObject({
    delivered: 1,
  });
  await Promise.all([second.call("stream_list"), world.pair.client.call("stream_list")]);
  const data = (item: string) => expect.objectContaining({ stream: "news", data: item });
  expect(got).toHaveLength(3);
  expect(got).toEqual(
    expect.arrayContaining([
      [1, data("all")],
      [2, data("all")],
      [1, data("one")],
    ]),
  );
  await expect(world.handle.pushToClients("absent", 1)).rejects.toMatchObject({
    code: "NOT_FOUND",
  });
});

it("leaves out peers that have gone when it pushes to some", async () => {
  await using world = await pairOf();
  world.handle.create("news");
  const gone = { id: "gone", remote: "gone:1", dialect: "native" };

  expect(await world.handle.pushToClients("news", 1, [gone])).toEqual({ delivered: 0, skipped: 0 });
});

it("says that there is no such stream", async () => {
  await using world = await pairOf();
  const items = world.pair.client.install(streamClient()).subscribe("absent");

  await expect(items.ready).rejects.toMatchObject({ code: "NOT_FOUND" });
  await expect(items.next()).rejects.toMatchObject({ code: "NOT_FOUND" });
});

it("removes a subscriber that leaves the loop, and one that disconnects", async () => {
  await using world = await pairOf();
  const stream = world.handle.create("ticks");
  const left = new Promise((resolve) => stream.onUnsubscribe(resolve));
  const client = world.pair.client.install(streamClient());
  const items = client.subscribe("ticks");
  await items.ready;
  await stream.push(1);
  for await (const _ of items) break;
  await left;
  expect(stream.subscribers).toEqual([]);

  const other = await world.pair.connect();
  await other.call("stream_subscribe", ["ticks"]);
  expect(stream.info.subscribers).toBe(1);
  const gone = new Promise((resolve) => stream.onUnsubscribe(resolve));
  await other.close();
  await gone;
  expect(stream.info.subscribers).toBe(0);
});

it("stays subscribed while one of several loops goes on", async () => {
  await using world = await pairOf();
  const stream = world.handle.create("ticks");
  const client = world.pair.client.install(streamClient());
  const [one, two] = [client.subscribe("ticks"), client.subscribe("ticks")];
  await Promise.all([one.ready, two.ready]);
  one.close();
  await client.list();
  await stream.push(1);

  expect((await two.next()).value).toBe(1);
  expect((await one.next()).done).toBe(true);
});

it("subscribes again after a reconnection", async () => {
  await using world = await pairOf({}, { reconnect: { baseMs: 1, maxMs: 1 } });
  const stream = world.handle.create("ticks");
  const items = world.pair.client.install(streamClient()).subscribe("ticks");
  await items.ready;
  const again = new Promise((resolve) => stream.onSubscribe(resolve));
  for (const peer of world.pair.server.connections.values()) void peer.close();
  await again;
  await stream.push("after");

  expect((await items.next()).value).toBe("after");
});

it("ends with an error when the connection does not come back", async () => {
  await using world = await pairOf({}, { reconnect: false });
  world.handle.create("ticks");
  const items = world.pair.client.install(streamClient()).subscribe("ticks");
  await items.ready;
  const next = items.next();
  for (const peer of world.pair.server.connections.values()) void peer.close();

  await expect(next).rejects.toMatchObject({ code: "UNAVAILABLE" });
});

it("drops the oldest items of a loop that does not keep up, and counts them", async () => {
  await using world = await pairOf();
  const stream = world.handle.create("ticks");
  const client = world.pair.client.install(streamClient({ bufferItems: 2 }));
  const items = client.subscribe("ticks");
  await items.ready;
  for (let n = 1; n <= 5; n++) await stream.push(n);
  await stream.close();
  await client.list();

  expect(items.dropped).toBe(3);
  expect([(await items.next()).value, (await items.next()).value]).toEqual([4, 5]);
});

it("takes what clients push, and lets them create streams within bounds", async () => {
  await using world = await pairOf({ maxStreamsPerPeer: 1 });
  const client = world.pair.client.install(streamClient());
  const received = new Promise((resolve) => {
    world.handle.onClientStream("up", (item, peer) => resolve([item, peer.id]));
  });
  await client.create("up");
  await client.pushToServer("up", { frame: 1 });
  const [peer] = world.pair.server.connections.values();

  expect(await received).toEqual([{ frame: 1 }, peer?.id]);
  expect(await client.list()).toEqual([
    { name: "up", owner: peer?.id, subscribers: 0, active: true },
  ]);
  await expect(client.create("up")).rejects.toMatchObject({ code: "ALREADY_EXISTS" });
  await expect(client.create("more")).rejects.toMatchObject({ code: "RATE_LIMITED" });
});

it("closes the streams of a client that has gone", async () => {
  await using world = await pairOf();
  const other = await world.pair.connect();
  await other.call("stream_create", ["theirs"]);
  const gone = new Promise((resolve) => world.pair.server.onDisconnect(resolve));
  await other.close();
  await gone;

  expect(world.handle.get("theirs")).toBeUndefined();
});

it("lets the server read its own streams", async () => {
  await using world = await pairOf({ bufferItems: 2 });
  const stream = world.handle.create("local");
  const items = stream.subscribe();
  const told = vi.fn();
  stream.onData(told);
  for (let n = 1; n <= 3; n++) await stream.push(n);
  await stream.close();
  const got: unknown[] = [];
  for await (const item of items) got.push(item);

  expect(got).toEqual([2, 3]);
  expect(told).toHaveBeenCalledTimes(3);
  expect((await stream.subscribe().next()).done).toBe(true);
});

it.each<unknown>([undefined, null, 7, "x", {}, { stream: 7 }, []])(
  "ignores %j as an item",
  async (data) => {
    await using world = await pairOf();
    const client = world.pair.client.install(streamClient());
    await world.pair.client.emit("stream_data", data);

    expect(await client.list()).toEqual([]);
  },
);

it("refuses names and options that make no sense", async () => {
  await using world = await pairOf();
  const name = "x".repeat(257);

  expect(() => world.handle.create(name)).toThrow("1 to 256 characters");
  await expect(world.pair.client.call("stream_create", [name])).rejects.toMatchObject({
    code: "INVALID_ARGUMENT",
  });
  expect(() => streams({ bufferItems: 0 })).toThrow("bufferItems is 0");
  expect(() => streamClient({ bufferItems: -1 })).toThrow("bufferItems is -1");
});
