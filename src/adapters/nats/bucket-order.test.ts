import fc from "fast-check";
import { expect, it } from "vitest";
import { BucketOrder } from "./bucket-order.ts";
import type { BucketMessage } from "./bucket-session.ts";

const message = (sequence: number, pending = 1): BucketMessage => {
  return { name: "n", sequence, pending, data: new Uint8Array(4) };
};

/** Takes down what it is told: sequences, and 0 for a gap; and where it was told to be level. */
function taker() {
  const taken: number[] = [];
  const levels: number[] = [];
  let position = 0;
  return {
    ...{ taken, levels },
    level: () => void levels.push(position),
    get position() {
      return position;
    },
    take({ sequence }: BucketMessage) {
      position = sequence;
      taken.push(sequence);
    },
    gap(upTo: number) {
      position = upTo;
      taken.push(0);
    },
    caughtUp(upTo: number) {
      position = Math.max(position, upTo);
    },
    anew() {
      position = 0;
      taken.length = 0;
    },
  };
}

/** An order that has taken everything up to `first`. */
function begun(first: number) {
  const target = taker();
  const order = new BucketOrder(target);
  order.delivered(message(first, 0));
  order.caughtUp(first);
  target.taken.length = 0;
  return { order, target };
}

const upTo = (first: number, last: number): readonly number[] =>
  Array.from({ length: last - first }, (_, i) => first + 1 + i);

it("takes each once and in order when everything is heard, whatever the bucket skips", () => {
  const last = 60;
  const skipped = fc.uniqueArray(fc.integer({ min: 6, max: last - 1 }));
  fc.assert(
    fc.property(skipped, fc.infiniteStream(fc.boolean()), (gone, which) => {
      const { order, target } = begun(5);
      const heard = [...upTo(5, last)];
      const delivered = upTo(5, last).filter((one) => !gone.includes(one));
      while (heard.length + delivered.length > 0) {
        // A delivery never overtakes what was said aloud by more than the engine has said.
        const next = delivered[0] ?? last + 1;
        const speaks = heard.length > 0 && (which.next().value || (heard[0] ?? 0) <= next);
        if (speaks) order.heard(message(heard.shift() ?? 0));
        else order.delivered(message(delivered.shift() ?? 0));
      }
      expect(target.taken).toEqual(upTo(5, last));
    }),
  );
});

it("takes what the bucket delivers when nothing is heard, and tells of each gap once", () => {
  const { order, target } = begun(5);
  for (const sequence of [6, 7, 10, 11, 20]) order.delivered(message(sequence));
  expect(target.taken).toEqual([6, 7, 0, 10, 11, 0, 20]);
});

it("is level after gaps only when all has come that the bucket is known to have", () => {
  const { order, target } = begun(5);
  order.expect(12);
  for (const sequence of [6, 10, 11]) order.delivered(message(sequence));
  expect(target.levels).toEqual([]);
  order.delivered(message(12));
  order.delivered(message(13));
  expect([target.taken, target.levels]).toEqual([[6, 0, 10, 11, 12, 13], [12]]);
});

it("keeps what was heard too early until what stands before it has been delivered", () => {
  const { order, target } = begun(5);
  for (const sequence of [8, 9, 8]) order.heard(message(sequence));
  expect(target.taken).toEqual([]);
  for (const sequence of [6, 7, 8]) order.delivered(message(sequence));
  expect(target.taken).toEqual([6, 7, 8, 9]);
});

it("takes the gaps of its beginning for what they are: keys that were changed since", () => {
  const target = taker();
  const order = new BucketOrder(target);
  order.heard(message(9));
  for (const [sequence, pending] of [
    [2, 2],
    [5, 1],
    [8, 0],
  ] as const) {
    order.delivered(message(sequence, pending));
  }
  order.caughtUp(8);
  expect(target.taken).toEqual([2, 5, 8, 9]);
});

it("lacks what was heard of and has not come, and nothing when that has come or is gone", () => {
  const { order, target } = begun(5);
  const lacked = [order.lacks];
  order.heard(message(7));
  lacked.push(order.lacks);
  order.delivered(message(6));
  lacked.push(order.lacks);
  order.expect(9);
  lacked.push(order.lacks);
  order.caughtUp(9);
  lacked.push(order.lacks);
  expect(lacked).toEqual([false, true, false, true, false]);
  expect(target.taken).toEqual([6, 7, 0]);
  order.heard(message(10));
  expect(target.taken).toEqual([6, 7, 0, 10]);
});

it("lacks nothing after a beginning in which everything was heard and delivered", () => {
  const target = taker();
  const order = new BucketOrder(target);
  for (const sequence of [2, 3]) order.heard(message(sequence));
  for (const sequence of [1, 2, 3]) order.delivered(message(sequence, 3 - sequence));
  order.caughtUp(5);
  order.heard(message(6));
  expect([order.lacks, order.lastHeard, target.taken]).toEqual([false, 6, [1, 2, 3, 6]]);
});

it("begins anew when the engine has lost what it had", () => {
  const { order, target } = begun(50);
  order.heard(message(60));
  order.anew("lost");
  for (const sequence of [3, 4]) order.delivered(message(sequence, 4 - sequence));
  expect(target.taken).toEqual([3, 4]);
});
