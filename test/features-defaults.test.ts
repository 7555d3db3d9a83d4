import { expect, it } from "vitest";
import { webCrypto } from "../src/crypto/providers/web.ts";
import { native } from "../src/dialects/native/index.ts";
import { rateLimit } from "../src/features/rate-limit/index.ts";
import { streams } from "../src/features/streams/index.ts";
import { serverAndClient } from "../src/testing/server-and-client.ts";

// What netconduit's inventory says of defaults and counts, where no other test holds it.

const PEER = { id: "c1", remote: "test:1", dialect: "netconduit" };
const CALL = {
  kind: "call",
  id: 1,
  procedure: "p",
  args: { positional: [], named: {} },
  meta: {},
} as const;

it("a peer may send a hundred messages a second and save up one second's worth", () => {
  const { screen } = rateLimit({ now: () => 0 });
  const passed = Array.from({ length: 101 }, () => screen(CALL, 32, PEER));
  expect(passed.slice(0, 100).every((message) => message === CALL)).toBe(true);
  expect(passed[100]).toMatchObject({ settled: { failure: { code: "RATE_LIMITED" } } });
});

it("a peer may send ten mebibytes a second", () => {
  const { screen } = rateLimit({ now: () => 0 });
  expect(screen(CALL, 10_485_760, PEER)).toBe(CALL);
  expect(screen(CALL, 1, PEER)).toMatchObject({ settled: { failure: { code: "RATE_LIMITED" } } });
});

it("a stream numbers its items", async () => {
  await using pair = await serverAndClient({ dialect: native({ crypto: webCrypto() }) });
  const stream = pair.server.install(streams()).create("ticks");
  for (let n = 0; n < 3; n++) await stream.push(n);
  expect(stream.info).toMatchObject({ name: "ticks", items: 3, subscribers: 0, active: true });
});
