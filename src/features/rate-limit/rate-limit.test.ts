import { expect, it, vi } from "vitest";
import { type Message, NO_ARGUMENTS } from "../../core/model/message.ts";
import type { Peer } from "../../core/model/peer.ts";
import { webCrypto } from "../../crypto/providers/web.ts";
import { native } from "../../dialects/native/index.ts";
import { serverAndClient } from "../../testing/server-and-client.ts";
import { rateLimit } from "./rate-limit.ts";

const ANN: Peer = { id: "ann", remote: "ann:1", dialect: "native" };
const BOB: Peer = { id: "bob", remote: "bob:1", dialect: "native" };
const CALL: Message = { kind: "call", id: 1, procedure: "add", args: NO_ARGUMENTS };
const EVENT: Message = { kind: "event", name: "chat", data: 1 };

it("answers a call above the limit and says when to come again", () => {
  const limit = rateLimit({ messagesPerSecond: 2, now: () => 0 });
  const passed = [limit.screen(CALL, 10, ANN), limit.screen(CALL, 10, ANN)];

  expect(passed).toEqual([CALL, CALL]);
  expect(limit.screen(CALL, 10, ANN)).toEqual({
    ...CALL,
    settled: {
      failure: {
        code: "RATE_LIMITED",
        message: "Rate limit exceeded: try again in 500 ms",
        details: { retryAfterMs: 500 },
      },
    },
  });
  expect(limit.refusedCalls).toBe(1);
});

it("drops an event above the limit, counts it and tells of it", () => {
  const onLimited = vi.fn();
  const limit = rateLimit({ messagesPerSecond: 1, now: () => 0, onLimited });
  limit.screen(EVENT, 10, ANN);

  expect(limit.screen(EVENT, 10, ANN)).toBeUndefined();
  expect(limit.droppedEvents).toBe(1);
  expect(onLimited).toHaveBeenCalledExactlyOnceWith(ANN, EVENT);
});

it("counts bytes, not only messages", () => {
  let now = 0;
  const limit = rateLimit({ bytesPerSecond: 1_000, now: () => now });
  expect(limit.screen(CALL, 900, ANN)).toBe(CALL);
  expect(limit.screen(CALL, 900, ANN)).toHaveProperty("settled");
  now = 800;

  expect(limit.screen(CALL, 900, ANN)).toBe(CALL);
});

it("lets one peer pay nothing for another", () => {
  const limit = rateLimit({ messagesPerSecond: 1, now: () => 0 });
  limit.screen(CALL, 10, ANN);

  expect(limit.screen(CALL, 10, BOB)).toBe(CALL);
});

it.each<Message>([
  { kind: "ping" },
  { kind: "pong" },
  { kind: "pause" },
  { kind: "resume" },
  { kind: "result", id: 1, value: 2 },
  { kind: "credit", id: 1, items: 2 },
  { kind: "cancel", id: 1 },
])("never charges for $kind", (message) => {
  const limit = rateLimit({ messagesPerSecond: 1, bytesPerSecond: 1, now: () => 0 });
  for (let n = 0; n < 10; n++) expect(limit.screen(message, 1_000, ANN)).toBe(message);

  expect(limit.screen(CALL, 1, ANN)).toBe(CALL);
});

it("lets items of a stream pass and makes the peer pay for them afterwards", () => {
  const limit = rateLimit({ messagesPerSecond: 2, now: () => 0 });
  const item: Message = { kind: "item", id: 1, value: 1 };
  for (let n = 0; n < 10; n++) expect(limit.screen(item, 10, ANN)).toBe(item);

  expect(limit.screen(CALL, 10, ANN)).toHaveProperty("settled.failure.code", "RATE_LIMITED");
});

it("refuses options that make no sense", () => {
  expect(() => rateLimit({ messagesPerSecond: 0 })).toThrow("messagesPerSecond is 0");
  expect(() => rateLimit({ burst: Number.NaN })).toThrow("burst is NaN");
});

it("answers a client through a server that screens with it", async () => {
  const limit = rateLimit({ messagesPerSecond: 3, now: () => 0 });
  await using pair = await serverAndClient({
    dialect: native({ crypto: webCrypto() }),
    server: { screen: limit.screen },
    register: (server) => server.expose({ add: (a: number, b: number) => a + b }),
  });
  const calls = [1, 2, 3, 4].map((n) => pair.client.call("add", [n, n]));
  const ends = await Promise.allSettled(calls);

  expect(ends.slice(0, 3)).toEqual([2, 4, 6].map((value) => ({ status: "fulfilled", value })));
  expect(ends[3]).toHaveProperty("reason.code", "RATE_LIMITED");
  expect(ends[3]).toHaveProperty("reason.details.retryAfterMs", 334);
});
