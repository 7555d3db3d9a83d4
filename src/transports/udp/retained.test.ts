import fc from "fast-check";
import { expect, test } from "vitest";
import { join } from "../../bytes/join.ts";
import { PartPool } from "./part-pool.ts";
import { Retained } from "./retained.ts";

test("keeps exactly what the other side may lack", () => {
  const step = fc.oneof(fc.uint8Array({ maxLength: 30 }), fc.nat(200));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const retained = new Retained(new PartPool());
      let whole = new Uint8Array(0);
      let received = 0;
      for (const one of steps) {
        if (typeof one === "number") {
          retained.drop(one);
          received = Math.min(Math.max(received, one), whole.length);
        } else {
          retained.add(one);
          whole = join([whole, one]);
        }
        expect(join(retained.all())).toEqual(whole.subarray(received));
        expect(retained.dropped).toBe(received);
      }
    }),
  );
});
