import fc from "fast-check";
import { expect, it } from "vitest";
import { wellFormedText } from "./utf8.ts";

const strict = new TextDecoder("utf-8", { fatal: true });

function strictly(bytes: Uint8Array): boolean {
  try {
    strict.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

function holdsSurrogate(bytes: Uint8Array): boolean {
  return bytes.some((byte, i) => byte === 0xed && (bytes[i + 1] ?? 0) >= 0xa0);
}

it("judges like the platform's strict decoder, but for surrogates", () => {
  const leads = [0x41, 0x80, 0xbf, 0xc1, 0xc2, 0xe0, 0xe1, 0xed, 0xef, 0xf0, 0xf4, 0xf5, 0xff];
  const byte = fc.oneof(fc.constantFrom(...leads), fc.constantFrom(0x8f, 0x90, 0x9f, 0xa0));
  const input = fc.array(byte, { maxLength: 6 }).map((values) => Uint8Array.from(values));
  fc.assert(
    fc.property(input, (bytes) => {
      fc.pre(!holdsSurrogate(bytes));
      expect(wellFormedText(bytes, 0, bytes.length)).toBe(strictly(bytes));
    }),
    { numRuns: 5000 },
  );
});

it("lets single surrogates pass", () => {
  expect(wellFormedText(Uint8Array.of(0xed, 0xa0, 0xbd), 0, 3)).toBe(true);
});

it("looks at nothing outside its range", () => {
  expect(wellFormedText(Uint8Array.of(0xff, 0x41, 0xff), 1, 2)).toBe(true);
  expect(wellFormedText(Uint8Array.of(0xc3, 0xa9), 0, 1)).toBe(false);
});
