import fc from "fast-check";
import { expect, it } from "vitest";
import { chunkFromText, chunkText } from "./chunk-text.ts";

it("writes and reads what Node writes and reads", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (chunk) => {
      const text = chunkText(chunk);

      expect(text).toBe(Buffer.from(chunk).toString("base64"));
      expect(chunkFromText(text)).toEqual(chunk);
    }),
    { numRuns: 500 },
  );
});

it("reads no text that it would write otherwise", () => {
  const letters = fc.constantFrom(..."ABab01+/=-_ \n\u0100é");
  fc.assert(
    fc.property(fc.string({ unit: letters, maxLength: 12 }), (text) => {
      const chunk = chunkFromText(text);

      if (chunk) expect(chunkText(chunk)).toBe(text);
    }),
    { numRuns: 5_000 },
  );
});

it.each(["=", "====", "A===", "AA=A", "AAA", "AAB=", "AB==", "A A=", "\u0141AAA", "AAA\n"])(
  "refuses %j",
  (text) => {
    expect(chunkFromText(text)).toBeUndefined();
  },
);
