import { expect, it } from "vitest";
import { SealwireError } from "../../core/model/errors.ts";
import { webCrypto } from "../../crypto/providers/web.ts";
import { native } from "../../dialects/native/index.ts";
import { serverAndClient } from "../../testing/server-and-client.ts";
import { type Metrics, type MetricsOptions, metrics } from "./metrics.ts";

async function measured(options: MetricsOptions = {}) {
  const installed: Metrics[] = [];
  const pair = await serverAndClient({
    dialect: native({ crypto: webCrypto() }),
    register: (server) => {
      installed.push(server.install(metrics(options)));
      server.expose({ add: (a: number, b: number) => a + b });
      server.procedure("missing", () => {
        throw new SealwireError("NOT_FOUND", "nothing here");
      });
      server.procedure("broken", () => {
        throw new Error("secret");
      });
    },
  });
  const [handle] = installed;
  if (!handle) throw new Error("nothing was installed");
  return { pair, handle };
}

it("counts calls by procedure and by how they ended", async () => {
  const { pair, handle } = await measured();
  await using _ = pair;
  await pair.client.call("add", [1, 2]);
  await pair.client.call("add", [1, 2]);
  await pair.client.call("missing").catch(() => {});
  await pair.client.call("broken").catch(() => {});
  const { procedures } = handle.toObject();

  expect(procedures["add"]).toMatchObject({ calls: 2, ends: { OK: 2 } });
  expect(procedures["missing"]).toMatchObject({ calls: 1, ends: { NOT_FOUND: 1 } });
  expect(procedures["broken"]).toMatchObject({ calls: 1, ends: { INTERNAL: 1 } });
});

it("does not count what is no procedure, so that nobody can fill it with names", async () => {
  const { pair, handle } = await measured();
  await using _ = pair;
  await pair.client.call("nothing").catch(() => {});

  expect(handle.toObject().procedures).toEqual({});
});

it("measures how long handlers take", async () => {
  let now = 0;
  const { pair, handle } = await measured({ buckets: [0.1, 1], now: () => now });
  await using _ = pair;
  pair.server.procedure("slow", () => {
    now += 500;
  });
  await pair.client.call("slow");

  expect(handle.toObject().procedures["slow"]).toEqual({
    calls: 1,
    ends: { OK: 1 },
    averageMs: 500,
    buckets: [
      [0.1, 0],
      [1, 1],
    ],
  });
  expect(handle.toObject().uptimeSeconds).toBe(0.5);
});

it("counts connections and what went over them, also when they are gone", async () => {
  const { pair, handle } = await measured();
  await using _ = pair;
  await pair.client.call("add", [1, 2]);
  const before = handle.toObject();
  const gone = new Promise<void>((resolve) => pair.server.onDisconnect(() => resolve()));
  await pair.client.close();
  await gone;
  const after = handle.toObject();

  expect(before.connections).toEqual({ open: 1, total: 1 });
  expect(before.traffic.receivedMessages).toBeGreaterThan(0);
  expect(after.connections).toEqual({ open: 0, total: 1 });
  expect(after.traffic.receivedBytes).toBeGreaterThanOrEqual(before.traffic.receivedBytes);
});

it("tells everything to Prometheus", async () => {
  const { pair, handle } = await measured({ prefix: "shop", buckets: [0.5], now: () => 0 });
  await using _ = pair;
  await pair.client.call("add", [1, 2]);
  const lines = handle.toPrometheus().split("\n");

  expect(lines).toContain('shop_calls_total{procedure="add",code="OK"} 1');
  expect(lines).toContain('shop_call_duration_seconds_bucket{procedure="add",le="0.5"} 1');
  expect(lines).toContain('shop_call_duration_seconds_bucket{procedure="add",le="+Inf"} 1');
  expect(lines).toContain('shop_call_duration_seconds_count{procedure="add"} 1');
  expect(lines).toContain("shop_connections_open 1");
});

it("refuses options that make no sense", () => {
  expect(() => metrics({ prefix: "a b" })).toThrow("prefix is a b");
  expect(() => metrics({ buckets: [1, 1] })).toThrow("buckets is 1,1");
  expect(() => metrics({ buckets: [1, Number.POSITIVE_INFINITY] })).toThrow("finite");
});
