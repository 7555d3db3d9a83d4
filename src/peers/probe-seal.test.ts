import fc from "fast-check";
import { expect, test } from "vitest";
import { NOBLE_SYMMETRIC } from "../crypto/providers/noble-symmetric.ts";
import { isProbe, PROBE_BYTES, type Probe, ProbeSeal } from "./probe-seal.ts";

const [ONE, TWO] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
const PING: Probe = {
  ...{ kind: "ping", chosen: true, burst: 3, echo: 0 },
  place: { host: "2001:db8::1", port: 77 },
};

function pair(): [ProbeSeal, ProbeSeal] {
  const session = new Uint8Array(8).fill(9);
  return [
    new ProbeSeal({ session, sending: ONE, receiving: TWO }, NOBLE_SYMMETRIC),
    new ProbeSeal({ session, sending: TWO, receiving: ONE }, NOBLE_SYMMETRIC),
  ];
}

test("opens what the other side has sealed, once", () => {
  const [near, far] = pair();
  const { bytes, count } = near.seal(PING);
  expect(isProbe(bytes)).toBe(true);
  expect(far.open(bytes)).toEqual({ ...PING, count });
  expect(far.open(bytes)).toBeUndefined();
});

test("has one length for questions and answers, so nothing is amplified", () => {
  const [near] = pair();
  expect(near.seal(PING).bytes.length).toBe(PROBE_BYTES);
  const pong = { ...PING, kind: "pong", place: undefined } as const;
  expect(near.seal(pong).bytes.length).toBe(PROBE_BYTES);
});

test("does not open its own probes when they are sent back", () => {
  const [near] = pair();
  expect(near.open(near.seal(PING).bytes)).toBeUndefined();
});

test("does not open probes of another session under the same keys", () => {
  const [near] = pair();
  const keys = { session: new Uint8Array(8), sending: TWO, receiving: ONE };
  expect(new ProbeSeal(keys, NOBLE_SYMMETRIC).open(near.seal(PING).bytes)).toBeUndefined();
});

test("opens probes in any order, and none twice", () => {
  const order = fc.shuffledSubarray(
    Array.from({ length: 60 }, (_, i) => i),
    { minLength: 60 },
  );
  fc.assert(
    fc.property(order, (indices) => {
      const [near, far] = pair();
      const sent = Array.from({ length: 60 }, () => near.seal(PING).bytes);
      const opened = indices.map((i) => far.open(sent[i] ?? new Uint8Array()) !== undefined);
      expect(opened.every(Boolean)).toBe(true);
      expect(sent.some((bytes) => far.open(bytes) !== undefined)).toBe(false);
    }),
    { numRuns: 20 },
  );
});

test("opens nothing that was altered, and no garbage", () => {
  const [near, far] = pair();
  fc.assert(
    fc.property(fc.nat(PROBE_BYTES * 8 - 1), fc.uint8Array({ maxLength: 200 }), (bit, noise) => {
      const { bytes } = near.seal(PING);
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(far.open(bytes)).toBeUndefined();
      expect(far.open(noise)).toBeUndefined();
    }),
  );
});

test("drops what is older than the window", () => {
  const [near, far] = pair();
  const old = near.seal(PING).bytes;
  for (let i = 0; i < 8_200; i++) near.seal(PING);
  expect(far.open(near.seal(PING).bytes)).toBeDefined();
  expect(far.open(old)).toBeUndefined();
});
