import fc from "fast-check";
import { expect, it } from "vitest";
import { ChangeRing } from "./change-ring.ts";

it("keeps the last items, no more than it may and no more bytes, and knows what it has not", () => {
  const weights = fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 60 });
  fc.assert(
    fc.property(weights, fc.integer({ min: 1, max: 12 }), (all, capacity) => {
      const ring = new ChangeRing<number>("life", capacity, { most: 50, of: (item) => item });
      for (const weight of all) ring.push(() => weight);
      let [kept, bytes] = [0, 0];
      for (const weight of all.toReversed()) {
        if (kept === capacity || bytes + weight > 50) break;
        kept += 1;
        bytes += weight;
      }
      const first = all.length - kept;
      expect(ring.after(`life:${first}`)).toEqual(all.slice(first));
      expect(ring.after(ring.cursor)).toEqual([]);
      expect(ring.after(`life:${first - 1}`)).toBeUndefined();
      expect(ring.after(`other:${first}`)).toBeUndefined();
    }),
  );
});
