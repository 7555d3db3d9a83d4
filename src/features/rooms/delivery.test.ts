import fc from "fast-check";
import { expect, it } from "vitest";
import type { Peer } from "../../core/model/peer.ts";
import { Delivery } from "./delivery.ts";
import type { RoomItem } from "./room-item.ts";
import { RoomLog, type SharedBudget } from "./room-log.ts";

const PEER: Peer = { id: "1", remote: "x", dialect: "native" };

function event(seq: number): RoomItem {
  return { kind: "event", room: "a", seq, name: "say", data: seq };
}

function logOf(
  maxEntries: number,
  maxBytes = 1_000,
  shared: SharedBudget = { maxBytes: 1_000, usedBytes: 0 },
) {
  return new RoomLog<RoomItem>({ maxEntries, maxBytes, shared });
}

/** A delivery whose wire takes an item when `take` is called. */
function slowDelivery(log: RoomLog<RoomItem>) {
  const got: string[] = [];
  const waiting: (() => void)[] = [];
  const delivery = new Delivery(PEER, "me", 0, {
    log,
    mayGoOn: () => true,
    snapshot: () => ({ kind: "here", room: "a", seq: log.last, members: [] }),
    emit: (_peer, item) => {
      got.push(`${item.kind} ${"seq" in item ? item.seq : ""}`);
      return new Promise<void>((resolve) => waiting.push(resolve));
    },
  });
  const take = async (): Promise<void> => {
    waiting.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { got, take, delivery };
}

it("hands a slow member one after the other, and all that is here when it fell too far behind", async () => {
  const log = logOf(2);
  const { got, take, delivery } = slowDelivery(log);
  for (let n = 0; n < 5; n++) {
    log.add(event, 10, {});
    delivery.wake();
  }
  expect(got).toEqual(["event 1"]);
  await take();
  log.add(event, 10, {});
  delivery.wake();
  await take();
  await take();
  expect(got).toEqual(["event 1", "here 5", "event 6"]);
});

it("passes over what is for others", async () => {
  const log = logOf(10);
  const { got, take, delivery } = slowDelivery(log);
  log.add(event, 1, { to: new Set(["you"]) });
  log.add(event, 1, { except: new Set(["me"]) });
  log.add(event, 1, { to: new Set(["me", "you"]) });
  delivery.wake();
  await take();
  expect(got).toEqual(["event 3"]);
});

it("says nothing after it was stopped", async () => {
  const log = logOf(10);
  const { got, take, delivery } = slowDelivery(log);
  log.add(event, 1, {});
  log.add(event, 1, {});
  delivery.wake();
  delivery.stop();
  await take();
  expect(got).toEqual(["event 1"]);
});

it("keeps the newest within entries, bytes and the bytes of all, and counts them right", () => {
  const sizes = fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 60 });
  fc.assert(
    fc.property(sizes, sizes, (mine, others) => {
      const shared = { maxBytes: 150, usedBytes: 0 };
      const [a, b] = [logOf(8, 100, shared), logOf(8, 100, shared)];
      for (const [log, bytes] of interleaved(a, mine, b, others)) log.add(event, bytes, {});
      for (const log of [a, b]) {
        for (let seq = 0; seq <= log.last; seq++) {
          const next = log.after(seq);
          if (log.reaches(seq) && seq < log.last) expect(next?.seq).toBe(seq + 1);
          else expect(next).toBeUndefined();
        }
        if (log.last > 0) expect(log.reaches(log.last - 1)).toBe(true);
        if (log.last > 8) expect(log.reaches(log.last - 9)).toBe(false);
        expect(log.reaches(log.last + 1)).toBe(false);
      }
      a.clear();
      b.clear();
      expect(shared.usedBytes).toBe(0);
    }),
  );
});

type Log = RoomLog<RoomItem>;

function interleaved(a: Log, mine: readonly number[], b: Log, others: readonly number[]) {
  const pairs = mine.flatMap((bytes, i) => [[a, bytes] as const, [b, others[i] ?? 0] as const]);
  return [...pairs, ...others.slice(mine.length).map((bytes) => [b, bytes] as const)];
}
