import { type JetStreamManager, jetstreamManager } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { BucketSweeper } from "../../src/adapters/nats/bucket-sweeper.ts";
import { natsCluster, natsStore } from "../../src/adapters/nats/index.ts";
import { SILENT } from "../../src/core/contracts/logger.ts";
import type { Store } from "../../src/core/contracts/store.ts";
import { randomBytes } from "../../src/crypto/random.ts";
import { type NatsServer, natsServer, natsServerThere } from "../tools/nats-server.ts";

const [clusterKey, otherKey] = [randomBytes(32), randomBytes(32)];
const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);
const text = (of: Uint8Array): string => Buffer.from(of).toString("latin1");

describe.skipIf(!natsServerThere())("who has the engine but not the cluster's key", () => {
  let server: NatsServer;
  let engine: NatsConnection;
  let manager: JetStreamManager;
  let name = "";
  const cleaning: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    server = await natsServer();
    engine = await connect({ servers: server.url });
    manager = await jetstreamManager(engine);
  });
  afterAll(async () => {
    await engine.close();
    await server.remove();
  });
  afterEach(async () => {
    for (const clean of cleaning.splice(0)) await clean();
  });

  async function node(nodeId: string, key: Uint8Array | readonly Uint8Array[] = clusterKey) {
    const joined = await natsCluster({ servers: server.url, clusterKey: key, nodeId, name });
    cleaning.push(() => joined.close());
    return joined;
  }

  async function store(key: Uint8Array | readonly Uint8Array[] = clusterKey): Promise<Store> {
    const options = { servers: server.url, clusterKey: key, name, maxBytes: 50_000_000 };
    const opened = await natsStore(options);
    cleaning.push(() => opened.close());
    return opened;
  }

  /** Everything that passes the engine while something is done. */
  async function overheard(action: () => Promise<void>): Promise<string> {
    const heard: string[] = [];
    const subscription = engine.subscribe(">", {
      callback: (_error, { subject, data, headers }) => {
        heard.push(`${subject} ${headers?.toString() ?? ""} ${text(data)}`);
      },
    });
    await engine.flush();
    await action();
    await engine.flush();
    subscription.unsubscribe();
    return heard.join("\n");
  }

  it("reads neither names nor values", async () => {
    name = "reads";
    const heard = await overheard(async () => {
      const [a, b] = [await node("node-of-ann"), await node("node-of-bob")];
      await b.subscribe("room-of-ann", ({ reply }) => void reply?.(bytes(1)), "group-of-ann");
      await a.publish("room-of-ann", Buffer.from("words-of-ann"));
      await a.request("room-of-ann", Buffer.from("words-of-ann"), {
        signal: AbortSignal.timeout(5_000),
      });
      await (await store()).put("key-of-ann", Buffer.from("words-of-ann"));
      await (await store()).delete("key-of-ann");
    });
    expect(heard).toContain("$KV.reads.");
    expect(heard).toContain("reads.spoken.");
    expect(heard).not.toMatch(/of-ann|of-bob/);
  });

  it("makes nobody believe what it repeats, alters, moves or makes up", async () => {
    name = "forges";
    const [a, b] = [await node("a"), await node("b")];
    const heard: number[] = [];
    await b.subscribe("x", ({ payload }) => heard.push(payload[0] ?? -1));
    await b.subscribe("y", ({ payload }) => heard.push(payload[0] ?? -1));
    const captured: { readonly subject: string; readonly data: Uint8Array }[] = [];
    const tap = engine.subscribe("forges.*", {
      callback: (_error, { subject, data }) => {
        captured.push({ subject, data: Uint8Array.from(data) });
      },
    });
    await engine.flush();
    await a.publish("x", bytes(1));
    await a.publish("y", bytes(2));
    await engine.flush();
    tap.unsubscribe();
    const [x, y] = captured;
    if (!x || !y) throw new Error("nothing was captured");
    const altered = x.data.map((byte, i) => (i === x.data.length - 1 ? byte ^ 1 : byte));
    for (const data of [x.data, altered, y.data, bytes(), randomBytes(100)]) {
      engine.publish(x.subject, data);
    }
    engine.publish(x.subject, x.data, { reply: "somewhere" });
    await engine.flush();
    await a.publish("x", bytes(3));
    await a.publish("y", bytes(4));
    await b.request("nobody", bytes(), { signal: AbortSignal.timeout(5_000) }).catch(() => {});
    expect([heard, b.dropped]).toEqual([[1, 2, 3, 4], 6]);
  });

  it("puts nothing into the state, and blocks no key", async () => {
    name = "state";
    const [a, b] = [await store(), await store()];
    const first = await a.put("x", bytes(1));
    const kept = await manager.streams.getMessage("KV_state", { seq: first });
    if (!kept) throw new Error("nothing is kept");
    const second = await a.put("x", bytes(2), first);
    const strangers = [kept.data, randomBytes(80), bytes()];
    for (const data of strangers) await engine.request(kept.subject, data, { timeout: 5_000 });
    expect((await b.get("x"))?.value).toEqual(bytes(2));
    const third = await b.put("x", bytes(3), second);
    expect(third).toBeGreaterThan(second + strangers.length);
    await expect(a.put("x", bytes(4), second)).rejects.toMatchObject({
      code: "CONFLICT",
      details: { version: third },
    });
    expect(await (await store()).get("x")).toEqual({ value: bytes(3), version: third });
  });

  it("finds no trace of deleted keys once they have been swept", async () => {
    name = "swept";
    const a = await store();
    for (const key of ["x", "y"]) {
      await a.put(key, bytes(1));
      await a.delete(key);
    }
    const again = await a.put("y", bytes(2), 0);
    const link = { reachable: true, logger: SILENT, whileThere: <Of>(of: Promise<Of>) => of };
    const [stream, prefix] = ["KV_swept", "$KV.swept."];
    const sweeper = new BucketSweeper(
      { link, manager, stream, prefix },
      { keepMs: 0, everyMs: 1e6 },
    );
    for (const seq of [3, 5]) {
      const mark = await manager.streams.getMessage(stream, { seq });
      sweeper.deleted(mark?.subject.slice(prefix.length) ?? "", seq);
    }
    await sweeper.sweep();
    sweeper.close();
    // What is left is the key of the names, and the second y.
    expect((await manager.streams.info(stream)).state.messages).toBe(2);
    const b = await store();
    expect(await b.put("x", bytes(3), 0)).toBeGreaterThan(again);
    expect(await b.get("y")).toEqual({ value: bytes(2), version: again });
    await expect(a.put("y", bytes(4), 0)).rejects.toMatchObject({ code: "CONFLICT" });
  });

  it("opens no bucket, and hears nothing", async () => {
    name = "strange";
    const a = await node("a");
    const stranger = await node("b", otherKey);
    await (await store()).put("x", bytes(1));
    await stranger.subscribe("x", () => {
      throw new Error("a stranger heard it");
    });
    await expect(a.request("x", bytes(), { signal: AbortSignal.timeout(5_000) })).rejects.toEqual(
      expect.objectContaining({ code: "NOT_FOUND" }),
    );
    await expect(store(otherKey)).rejects.toMatchObject({
      code: "RECORD_REJECTED",
      message: expect.stringContaining("another cluster key"),
    });
  });

  it("is shut out by a new key, while nodes with the old and the new one are one cluster", async () => {
    name = "rotated";
    const before = await store(clusterKey);
    await before.put("x", bytes(1));
    await before.close();
    const old = await store([clusterKey, otherKey]);
    const during = await store([otherKey, clusterKey]);
    expect((await during.get("x"))?.value).toEqual(bytes(1));
    const version = await during.put("x", bytes(2), (await during.get("x"))?.version);
    await expect(old.put("x", bytes(4), 1)).rejects.toMatchObject({ details: { version } });
    const [a, b] = [
      await node("a", [otherKey, clusterKey]),
      await node("b", [clusterKey, otherKey]),
    ];
    for (const one of [a, b]) {
      await one.subscribe("who", ({ reply }) => void reply?.(bytes(1)), "team");
    }
    const soon = { signal: AbortSignal.timeout(5_000) };
    for (const one of [a, b]) expect(await one.request("who", bytes(), soon)).toEqual(bytes(1));
    expect(await (await store(otherKey)).get("x")).toEqual({ value: bytes(2), version });
    await expect(store(clusterKey)).rejects.toMatchObject({ code: "RECORD_REJECTED" });
  });
});
