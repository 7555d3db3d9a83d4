import { deflateSync, inflateSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { refusal } from "../../test/codecs/values.ts";
import { compressZlib, decompressZlib } from "./zlib.ts";

const MIB = 1_048_576;

describe("zlib streams", () => {
  test("begin as those of Python do, and are read by another implementation", () => {
    const packed = compressZlib(new TextEncoder().encode("a".repeat(2_000)));
    expect([...packed.subarray(0, 2)]).toEqual([0x78, 0x9c]);
    expect(inflateSync(packed).toString()).toBe("a".repeat(2_000));
  });

  test("of another implementation are read, whatever their level", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 5_000 }),
        fc.integer({ min: 0, max: 9 }),
        (bytes, n) => {
          const packed = new Uint8Array(deflateSync(bytes, { level: n }));
          expect(decompressZlib(packed, MIB)).toEqual(bytes);
        },
      ),
    );
  });

  test("that grow beyond the limit are given up while they do", () => {
    const bomb = new Uint8Array(deflateSync(new Uint8Array(64 * MIB)));
    expect(bomb.length).toBeLessThan(70_000);
    expect(refusal(() => decompressZlib(bomb, MIB))).toBe("TOO_LARGE");
  });

  test("that are cut short or changed anywhere are refused", () => {
    const text = "some text, some more text, and some text";
    const packed = new Uint8Array(deflateSync(text));
    fc.assert(
      fc.property(fc.nat(packed.length - 1), fc.integer({ min: 1, max: 255 }), (at, bits) => {
        const changed = packed.slice();
        changed[at] = (changed[at] ?? 0) ^ bits;
        expect(refusal(() => decompressZlib(packed.subarray(0, at), MIB))).toBe(
          "PROTOCOL_VIOLATION",
        );
        expect(["refused", text]).toContain(outcome(changed));
      }),
    );
  });

  test("are told from anything else", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(refusal(() => decompressZlib(bytes, MIB))).toMatch(/PROTOCOL_VIOLATION|TOO_LARGE/);
      }),
    );
  });
});

/** A change may lead another way to the same text, such as a match that lies farther back. */
function outcome(packed: Uint8Array): string {
  if (refusal(() => decompressZlib(packed, MIB)) !== "accepted") return "refused";
  return new TextDecoder().decode(decompressZlib(packed, MIB));
}
