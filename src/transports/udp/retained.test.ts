import fc from "fast-check";
import { expect, test } from "vitest";
import { join } from "../../bytes/join.ts";
import { Retained } from "./retained.ts";

test("keeps exactly what the other side may lack", () => {
  const step = fc.oneof(fc.uint8Array({ maxLength: 30 }), fc.nat(200));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const retained = new Retained();
      let whole = new Uint8Array(0);
      let received = 0;
      for (const one of steps) {
        if (typeof one === "number") {
          retained.drop(one);
          received = Math.min(Math.max(received, one), whole.length);
        } else {
          retained.add({ bytes: one });
          whole = join([whole, one]);
        }
        expect(join(retained.all().map(({ bytes }) => bytes))).toEqual(whole.subarray(received));
        expect(retained.dropped).toBe(received);
      }
    }),
  );
});

test("releases what the other side has, and what nobody will ask for", () => {
  const retained = new Retained();
  const released: number[] = [];
  for (const length of [10, 20, 30]) {
    retained.add({ bytes: new Uint8Array(length), release: () => released.push(length) });
  }
  retained.drop(9);
  expect(released).toEqual([]);
  retained.drop(29);
  expect(released).toEqual([10]);
  retained.clear();
  expect(released).toEqual([10, 20, 30]);
  expect(retained.some).toBe(false);
});
