import { expect, it } from "vitest";
import type { Peer } from "../../core/model/peer.ts";
import { manualClock } from "../../testing/manual-clock.ts";
import { Transfers } from "./transfers.ts";

const ANN: Peer = { id: "ann", remote: "ann:1", dialect: "native" };
const BOB: Peer = { id: "bob", remote: "bob:1", dialect: "native" };
const LIMITS = { maxTransfersPerPeer: 2, maxTransfers: 3 };

function transfers(transferTimeoutMs = 1_000) {
  const clock = manualClock();
  const forgotten: string[] = [];
  const all = new Transfers<string>({ ...LIMITS, transferTimeoutMs }, clock, (transfer) =>
    forgotten.push(transfer),
  );
  const open = (id: string, peer: Peer) => all.open(id, peer, async () => id);
  return { clock, forgotten, all, open };
}

it("shows a peer its own transfers alone", async () => {
  const { all, open } = transfers();
  await open("a", ANN);

  expect(all.get("a", ANN)).toBe("a");
  expect(() => all.get("a", BOB)).toThrow("Transfer not found");
  expect(all.take("a", ANN)).toBe("a");
  expect(() => all.get("a", ANN)).toThrow("Transfer not found");
});

it("refuses more than one peer may have, and more than all may have, also while they begin", async () => {
  const { all, open } = transfers();
  const ends = await Promise.allSettled([open("a", ANN), open("b", ANN), open("c", ANN)]);
  await open("d", BOB);

  expect(ends.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected"]);
  await expect(open("e", BOB)).rejects.toMatchObject({ code: "RATE_LIMITED" });
  all.end("a");
  await expect(open("e", BOB)).resolves.toBe("e");
});

it("gives what stands still, or whose peer is away, to whoever goes on with it", async () => {
  const { clock, all, open } = transfers(2_000);
  await open("still", ANN);
  clock.advance(999);
  await open("going", BOB);
  await open("away", { ...BOB, away: true });
  const seen: unknown[] = [];
  const look = () => all.takeWhere((transfer, _, still) => seen.push([transfer, still]) === 0);

  expect(look()).toBeUndefined();
  clock.advance(1);
  look();
  expect(seen).toEqual([
    ["still", false],
    ["going", false],
    ["away", true],
    ["still", true],
    ["going", false],
    ["away", true],
  ]);
  expect(all.takeWhere((_, id) => id === "going")).toBe("going");
  expect(() => all.get("going", BOB)).toThrow("Transfer not found");
});

it("counts none that could not begin", async () => {
  const { all, open } = transfers();
  const broken = () => all.open("x", ANN, () => Promise.reject(new Error("full")));
  await Promise.allSettled([broken(), broken(), broken()]);

  await expect(open("a", ANN)).resolves.toBe("a");
});

it("forgets what stands still, and not what goes on", async () => {
  const { clock, forgotten, all, open } = transfers();
  await open("still", ANN);
  await open("going", ANN);
  for (let n = 0; n < 4; n++) {
    clock.advance(500);
    all.get("going", ANN);
  }

  expect(forgotten).toEqual(["still"]);
  clock.advance(2_000);
  expect(forgotten).toEqual(["still", "going"]);
  expect(clock.waiting).toBe(0);
});

it("forgets the transfers of a peer that has gone, and all at the end", async () => {
  const { clock, forgotten, all, open } = transfers();
  await open("a", ANN);
  await open("b", BOB);
  all.forgetPeer(ANN);
  expect(forgotten).toEqual(["a"]);
  all.close();

  expect(forgotten).toEqual(["a", "b"]);
  expect(clock.waiting).toBe(0);
});
