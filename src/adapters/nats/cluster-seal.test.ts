import fc from "fast-check";
import { expect, it } from "vitest";
import { nodeCrypto } from "../../crypto/providers/best.node.ts";
import { randomBytes } from "../../crypto/random.ts";
import { ClusterSeal, SEAL_BYTES } from "./cluster-seal.ts";
import { ReplayGuard } from "./replay-guard.ts";

const provider = await nodeCrypto();
const [older, newer, foreign] = [randomBytes(32), randomBytes(32), randomBytes(32)];
const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);

it("opens what another node of the cluster has sealed, whole and in its place", () => {
  const [a, b] = [new ClusterSeal(provider, [older]), new ClusterSeal(provider, [older])];
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 500 }), fc.string(), (plaintext, context) => {
      const sealed = a.seal(plaintext, context);
      expect(sealed.length).toBe(plaintext.length + SEAL_BYTES);
      expect(b.open(sealed, context)?.plaintext).toEqual(plaintext);
      expect(b.open(sealed, `${context}.`)).toBeUndefined();
    }),
  );
});

it("opens nothing that was altered, cut, or sealed with another key", () => {
  const [a, b] = [new ClusterSeal(provider, [older]), new ClusterSeal(provider, [older])];
  const sealed = a.seal(bytes(1, 2, 3), "x");
  fc.assert(
    fc.property(fc.nat(sealed.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const altered = sealed.map((byte, i) => (i === at ? byte ^ flip : byte));
      expect(b.open(altered, "x")).toBeUndefined();
      expect(b.open(sealed.subarray(0, at), "x")).toBeUndefined();
    }),
  );
  expect(new ClusterSeal(provider, [foreign]).open(sealed, "x")).toBeUndefined();
});

it("never throws, whatever it is given", () => {
  const seal = new ClusterSeal(provider, [older]);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
      expect(seal.open(noise, "x")).toBeUndefined();
    }),
  );
});

it("lets a key be changed: the first seals, all open, and each name is known to both", () => {
  const [before, during, after] = [[older], [newer, older], [newer]].map(
    (keys) => new ClusterSeal(provider, keys),
  );
  const old = before?.seal(bytes(1), "x") ?? bytes();
  const fresh = during?.seal(bytes(2), "x") ?? bytes();
  expect(during?.open(old, "x")?.plaintext).toEqual(bytes(1));
  expect(after?.open(fresh, "x")?.plaintext).toEqual(bytes(2));
  expect(after?.open(old, "x")).toBeUndefined();
  expect(during?.names("rooms")).toEqual([
    ...(after?.names("rooms") ?? []),
    ...(before?.names("rooms") ?? []),
  ]);
});

it("hides names, and the same in one cluster only", () => {
  const [name = ""] = new ClusterSeal(provider, [older]).names("rooms/secret");
  expect(name).toMatch(/^[0-9a-f]{32}$/);
  expect(new ClusterSeal(provider, [older]).names("rooms/secret")).toEqual([name]);
  expect(new ClusterSeal(provider, [foreign]).names("rooms/secret")).not.toContain(name);
});

it("refuses a key that could be guessed, without showing it", () => {
  const weak = "Sommer2026";
  expect(() => new ClusterSeal(provider, [weak])).toThrow(
    expect.objectContaining({
      code: "INVALID_ARGUMENT",
      message: expect.not.stringContaining(weak),
    }),
  );
});

it("tells what comes again from what is new, for each process", () => {
  const guard = new ReplayGuard();
  const said = [1, 2, 2, 1, 5, 4, 6].map((count) => guard.accepts({ origin: "a", count }));
  expect(said).toEqual([true, true, false, false, true, false, true]);
  expect(guard.accepts({ origin: "b", count: 1 })).toBe(true);
});
