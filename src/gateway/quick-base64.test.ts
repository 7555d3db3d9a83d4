import fc from "fast-check";
import { expect, it } from "vitest";
import { quickBase64, quickBytes } from "./quick-base64.ts";

it("writes base64 as Node does, and reads it", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const text = quickBase64(bytes);
      expect(text).toBe(Buffer.from(bytes).toString("base64"));
      expect(quickBytes(text)).toEqual(bytes);
    }),
  );
});

it("reads nothing else", () => {
  for (const text of ["A", "AB", "ABC", "A===", "AB=C", "====", "AB C", "AÄAA", "AB-_", "AAA\n"]) {
    expect(quickBytes(text)).toBeUndefined();
  }
  fc.assert(
    fc.property(fc.string(), (text) => {
      if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) expect(quickBytes(text)).toBeUndefined();
    }),
  );
});
