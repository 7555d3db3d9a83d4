import { type JetStreamManager, jetstreamManager } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type NatsStoreOptions, natsStore } from "../../src/adapters/nats/index.ts";
import type { Store } from "../../src/core/contracts/store.ts";
import { randomBytes } from "../../src/crypto/random.ts";
import { type Alteration, alteredWay } from "../cluster/altered-way.ts";
import { untilDone } from "../cluster/until-done.ts";
import { type NatsServer, natsServer, natsServerThere } from "../tools/nats-server.ts";

const clusterKey = randomBytes(32);
const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);
/** Nothing that is said aloud is heard, as long as it stands in `lost`. */
const losing =
  (lost: () => boolean): Alteration =>
  (subject, payload) =>
    subject.includes(".spoken.") && lost() ? undefined : payload;

describe.skipIf(!natsServerThere())("when the engine says a write aloud", () => {
  let server: NatsServer;
  let engine: NatsConnection;
  let manager: JetStreamManager;
  let name = "";
  const cleaning: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    server = await natsServer();
    engine = await connect({ servers: server.url, reconnectTimeWait: 50 });
    manager = await jetstreamManager(engine);
  });
  afterAll(async () => {
    await engine.close();
    await server.remove();
  });
  afterEach(async () => {
    for (const clean of cleaning.splice(0).reverse()) await clean();
  });

  async function opening(options: Partial<NatsStoreOptions> = {}): Promise<Store> {
    const limits = { maxBytes: 50_000_000, writeTimeoutMs: 5_000 };
    const store = await natsStore({ servers: server.url, clusterKey, name, ...limits, ...options });
    cleaning.push(() => store.close());
    return store;
  }

  /** A node that hears what the test lets through. */
  async function opened(alteration: Alteration): Promise<Store> {
    const way = await alteredWay(Number(new URL(server.url).port));
    cleaning.push(() => way.close());
    const store = await opening({ servers: `nats://127.0.0.1:${way.port}` });
    way.alter(alteration);
    return store;
  }

  const consumers = async (): Promise<number> =>
    (await manager.streams.info(`KV_${name}`)).state.consumer_count;

  it("keeps no consumer once everything has been heard", async () => {
    name = "rests";
    const [a, b] = [await opening(), await opening()];
    const told = toldBy(b, 2);
    await a.put("x", bytes(1));
    await a.put("x", bytes(2));
    await told.all;
    expect(told.values).toEqual([1, 2]);
    await untilDone(async () => expect(await consumers()).toBe(0));
  });

  it("reads what it has written though that was not said to it, and tells each change once", async () => {
    name = "own";
    let lost = true;
    const a = await opened(losing(() => lost));
    const told = toldBy(a, 4);
    const first = await a.put("x", bytes(1));
    expect(await a.get("x")).toEqual({ value: bytes(1), version: first });
    lost = false;
    const second = await a.put("x", bytes(2), first);
    lost = true;
    const third = await a.put("x", bytes(3), second);
    expect(await a.get("x")).toEqual({ value: bytes(3), version: third });
    lost = false;
    await a.put("x", bytes(4), third);
    await told.all;
    expect(told.values).toEqual([1, 2, 3, 4]);
  });

  it("finds in between what was missed, before what came behind it", async () => {
    name = "between";
    let heard = 0;
    // Of each key the bucket keeps only so many changes for those who missed some.
    const b = await opening({ history: 64 });
    const a = await opened(losing(() => ++heard % 3 === 0));
    const told = toldBy(a, 40);
    let version = 0;
    for (let i = 1; i <= 40; i++) version = await b.put("x", bytes(i), version);
    await told.all;
    expect(told.values).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
  });

  it("finds by itself what was missed last", async () => {
    name = "last";
    const a = await opened(losing(() => true));
    const b = await opening();
    const told = toldBy(a, 1);
    await b.put("x", bytes(1));
    await told.all;
    expect((await a.get("x"))?.value).toEqual(bytes(1));
  });

  it("believes nothing that was put in the place of a write of its own", async () => {
    name = "replaced";
    const captured: Buffer[] = [];
    const a = await opened((subject, payload) => {
      if (!subject.includes(".spoken.")) return payload;
      captured.push(Buffer.from(payload));
      if (captured.length === 2) return captured[0];
      if (captured.length === 3) return Buffer.from(randomBytes(payload.length));
      if (captured.length === 4)
        return Buffer.from(payload.map((byte, i) => (i === 40 ? ~byte : byte)));
      return payload;
    });
    const told = toldBy(a, 2);
    for (const value of [1, 2, 3, 4]) await a.put("x", bytes(value));
    expect((await a.get("x"))?.value).toEqual(bytes(1));
    await a.put("x", bytes(5));
    await told.all;
    expect(told.values).toEqual([1, 5]);
  });

  it("lacks nothing where the end of the bucket was taken away", async () => {
    name = "purged";
    const a = await opening();
    await a.put("x", bytes(1));
    const version = await a.put("y", bytes(1));
    const last = await manager.streams.getMessage("KV_purged", { seq: version });
    await manager.streams.purge("KV_purged", { filter: last?.subject ?? "", seq: version + 1 });
    const b = await opening();
    await untilDone(async () => expect(await consumers()).toBe(0));
    const told = toldBy(b, 2);
    await b.put("x", bytes(2));
    await told.all;
    expect(told.values).toEqual([1, 2]);
  });

  it("reads a bucket that says nothing aloud through one consumer for each node", async () => {
    name = "silent";
    const stream = { name: "KV_silent", subjects: ["$KV.silent.>"], max_msgs_per_subject: 16 };
    await manager.streams.add(stream);
    const [a, b] = [await opening(), await opening()];
    const told = toldBy(b, 2);
    const first = await a.put("x", bytes(1));
    await a.put("x", bytes(2), first);
    await told.all;
    expect(told.values).toEqual([1, 2]);
    expect(await consumers()).toBe(2);
  });

  it("finds what was missed before the engine was killed", async () => {
    name = "killed";
    const a = await opened(losing(() => true));
    const b = await opening();
    const told = toldBy(a, 2);
    await b.put("x", bytes(1));
    await server.stop();
    await server.start();
    await untilDone(() => b.put("x", bytes(2)));
    await told.all;
    expect(told.values).toEqual([1, 2]);
  });
});

/** The first values that a store tells; fails when its watch ends before. */
function toldBy(store: Store, most: number) {
  const values: number[] = [];
  const stop = new AbortController();
  const all = (async () => {
    for await (const { entry } of store.watch("", { signal: stop.signal })) {
      values.push(entry?.value[0] ?? -1);
      if (values.length === most) return;
    }
  })();
  return { values, all };
}
