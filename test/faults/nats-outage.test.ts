import { setTimeout as pause } from "node:timers/promises";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type NatsStoreOptions, natsCluster, natsStore } from "../../src/adapters/nats/index.ts";
import type { Store } from "../../src/core/contracts/store.ts";
import { randomBytes } from "../../src/crypto/random.ts";
import { deafWay } from "../cluster/deaf-way.ts";
import { untilDone } from "../cluster/until-done.ts";
import { type NatsServer, natsServer, natsServerThere } from "../tools/nats-server.ts";

/** How long the engine is away; `NATS_OUTAGE_MS=20000` for the long version. */
const OUTAGE_MS = Number(process.env["NATS_OUTAGE_MS"] ?? 2_000);
const clusterKey = randomBytes(32);
const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);
const code = (is: string) => expect.objectContaining({ code: is });

describe.skipIf(!natsServerThere())("when the engine fails", () => {
  let server: NatsServer;
  let opened = 0;
  const cleaning: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    server = await natsServer();
  });
  afterAll(() => server.remove());
  afterEach(async () => {
    for (const clean of cleaning.splice(0).reverse()) await clean();
  });

  async function opening(options: Partial<NatsStoreOptions> = {}): Promise<Store> {
    const name = `outage-${opened}`;
    const limits = { maxBytes: 50_000_000, writeTimeoutMs: 3_000 };
    const store = await natsStore({ servers: server.url, clusterKey, name, ...limits, ...options });
    cleaning.push(() => store.close());
    return store;
  }

  it("reads on, refuses writes with words, and goes on by itself afterwards", async () => {
    opened += 1;
    const [a, b] = [await opening(), await opening()];
    await a.put("x", bytes(1));
    const stop = new AbortController();
    const changes = b.watch("", { signal: stop.signal })[Symbol.asyncIterator]();
    expect((await changes.next()).value?.entry?.value).toEqual(bytes(1));
    await server.stop("SIGTERM");
    await pause(OUTAGE_MS);
    expect((await a.get("x"))?.value).toEqual(bytes(1));
    await expect(a.put("x", bytes(2))).rejects.toMatchObject({
      code: "UNAVAILABLE",
      message: expect.stringContaining("cannot be reached now"),
    });
    await server.start();
    const back = performance.now();
    await untilDone(() => a.put("x", bytes(3)));
    expect((await changes.next()).value?.entry?.value).toEqual(bytes(3));
    expect(performance.now() - back).toBeLessThan(5_000);
    stop.abort();
  });

  it("knows that a write was done whose acknowledgement was lost, and does it once", async () => {
    opened += 1;
    const way = await deafWay(Number(new URL(server.url).port));
    cleaning.push(() => way.close());
    const [a, b] = [await opening({ servers: `nats://127.0.0.1:${way.port}` }), await opening()];
    const first = await a.put("x", bytes(1));
    const seen = changesOf(b, 3);
    way.deafen();
    const written = a.put("x", bytes(2), first);
    await seen.until(2);
    way.cut();
    const second = await written;
    expect(await a.get("x")).toEqual({ value: bytes(2), version: second });
    await expect(a.put("x", bytes(9), first)).rejects.toEqual(code("CONFLICT"));
    await b.put("x", bytes(3), second);
    await seen.until(3);
    expect(seen.values).toEqual([1, 2, 3]);
  });

  it("knows that a compare-and-set has failed whose refusal was lost", async () => {
    opened += 1;
    const way = await deafWay(Number(new URL(server.url).port));
    cleaning.push(() => way.close());
    const [a, b] = [await opening({ servers: `nats://127.0.0.1:${way.port}` }), await opening()];
    const first = await a.put("x", bytes(1));
    await untilDone(async () => expect((await b.get("x"))?.version).toBe(first));
    way.deafen();
    const second = await b.put("x", bytes(2), first);
    const refused = expect(a.put("x", bytes(9), first)).rejects.toMatchObject({
      code: "CONFLICT",
      details: { version: second },
    });
    way.cut();
    await refused;
  });

  it("gives up a write in time while the engine is silent, and finds back", async () => {
    opened += 1;
    const a = await opening({ writeTimeoutMs: 500 });
    await a.put("x", bytes(1));
    await server.freeze();
    await expect(a.put("x", bytes(2))).rejects.toMatchObject({
      code: "UNAVAILABLE",
      message: expect.stringContaining("not known"),
    });
    server.thaw();
    await untilDone(async () => expect((await a.get("x"))?.value).toEqual(bytes(2)));
    expect(await (await opening()).get("x")).toEqual(await a.get("x"));
  });

  it("says that what was acknowledged is lost, ends the watches, and shows what is left", async () => {
    opened += 1;
    const lines: string[] = [];
    const note = (_fields: object, message: string): void => void lines.push(message);
    const logger = { debug: note, info: note, warn: note, error: note };
    const a = await opening({ logger });
    await a.put("x", bytes(1));
    await a.put("y", bytes(1));
    const changes = a.watch("", { signal: new AbortController().signal });
    const connection = await connect({ servers: server.url });
    cleaning.push(() => connection.close());
    const manager = await jetstreamManager(connection);
    await manager.streams.delete(`KV_outage-${opened}`);
    await expect(a.put("y", bytes(2))).rejects.toMatchObject({
      code: "UNAVAILABLE",
      message: expect.stringContaining("the bucket is gone"),
    });
    const b = await opening();
    await b.put("y", bytes(7));
    await server.stop();
    await server.start();
    const reading = (async () => {
      for await (const _ of changes);
    })();
    await expect(reading).rejects.toEqual(code("RATE_LIMITED"));
    await untilDone(async () => expect((await a.get("y"))?.value).toEqual(bytes(7)));
    expect(await a.get("x")).toBeUndefined();
    expect(lines.join("\n")).toContain("has lost what was acknowledged");
  });

  it("says what is missing: NATS itself, or its JetStream", async () => {
    const bare = await natsServer({ jetstream: false });
    cleaning.push(() => bare.remove());
    const joining = { servers: bare.url, clusterKey, nodeId: "a", connectTimeoutMs: 500 };
    await expect(natsStore(joining)).rejects.toMatchObject({
      code: "UNAVAILABLE",
      message: expect.stringContaining("start it with -js"),
    });
    await (await natsCluster(joining)).close();
    await bare.stop();
    await expect(natsCluster(joining)).rejects.toMatchObject({
      code: "UNAVAILABLE",
      message: expect.stringContaining("is nats-server running?"),
    });
  });
});

/** The first changes that a store tells, and a way to wait for them. */
function changesOf(store: Store, most: number) {
  const values: number[] = [];
  const stop = new AbortController();
  void (async () => {
    for await (const { entry } of store.watch("", { signal: stop.signal })) {
      values.push(entry?.value[0] ?? -1);
      if (values.length === most) stop.abort();
    }
  })();
  const until = (count: number) =>
    untilDone(async () => expect(values.length).toBeGreaterThanOrEqual(count));
  return { values, until };
}
