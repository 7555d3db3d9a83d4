import fc from "fast-check";
import { expect, it } from "vitest";
import { runningSha256 } from "./running-sha256.ts";
import { sha256 } from "./sha256.ts";

it("gives the same digest for any split of the bytes as for the whole", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 200 })), (parts) => {
      const running = runningSha256();
      for (const part of parts) running.update(part);

      expect(running.digest()).toEqual(sha256(Uint8Array.from(parts.flatMap((part) => [...part]))));
    }),
  );
});
