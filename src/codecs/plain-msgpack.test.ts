import { Encoder } from "@msgpack/msgpack";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { refusal } from "../../test/codecs/values.ts";
import { decodeHex, encodeHex } from "../bytes/text.ts";
import { OpaqueExtension, plainMsgpack } from "./plain-msgpack.ts";

const codec = plainMsgpack();
const decode = (hex: string): unknown => codec.decode(decodeHex(hex) ?? new Uint8Array());

describe("msgpack of other programs", () => {
  test.each([
    [2n ** 64n - 1n, "cfffffffffffffffff"],
    [-(2n ** 63n), "d38000000000000000"],
    [2n ** 53n, "cf0020000000000000"],
    [-(2n ** 53n) - 1n, "d3ffdfffffffffffff"],
  ])("carries %s in 64 bits and brings it back as bigint", (value, hex) => {
    expect(encodeHex(codec.encode(value))).toBe(hex);
    expect(decode(hex)).toBe(value);
  });

  test("gives a number where a number is exact, whatever its form", () => {
    expect(decode("cf0000000000000007")).toBe(7);
    expect(decode("d3ffffffffffffffff")).toBe(-1);
    expect(decode("d3fffffffe00000000")).toBe(-8_589_934_592);
    expect(decode("cf001fffffffffffff")).toBe(Number.MAX_SAFE_INTEGER);
    expect(encodeHex(codec.encode(5n))).toBe("cf0000000000000005");
  });

  test("reads floats of both sizes, and writes fractions as float64", () => {
    expect(decode("ca3fc00000")).toBe(1.5);
    expect(encodeHex(codec.encode(1.5))).toBe("cb3ff8000000000000");
  });

  test("keeps bytes and text apart", () => {
    expect(encodeHex(codec.encode({ b: Uint8Array.of(0, 255), s: "é" }))).toBe(
      "82a162c40200ffa173a2c3a9",
    );
    expect(decode("c40200ff")).toEqual(Uint8Array.of(0, 255));
  });

  test("takes undefined for nil, and leaves it out of maps", () => {
    expect(encodeHex(codec.encode([undefined, { a: undefined, b: 1 }]))).toBe("92c081a16201");
  });

  test("reads extensions as something opaque, which it does not write", () => {
    const stamp = decode("d6ff00000001");
    expect(stamp).toEqual(new OpaqueExtension(-1, Uint8Array.of(0, 0, 0, 1)));
    expect(decode("c703020a0b0c")).toEqual(new OpaqueExtension(2, Uint8Array.of(10, 11, 12)));
    expect(refusal(() => codec.encode(stamp))).toBe("INVALID_ARGUMENT");
  });

  test("reads a map key in bytes as text, and refuses keys of other kinds", () => {
    expect(decode("81c4016101")).toEqual({ a: 1 });
    for (const hex of ["810102", "81c0c0", "81c401ff01", "81cb3ff800000000000001", "8190c0"]) {
      expect(refusal(() => decode(hex))).toBe("PROTOCOL_VIOLATION");
    }
  });

  test("refuses __proto__ as a key of either kind", () => {
    const name = encodeHex(new TextEncoder().encode("__proto__"));
    for (const hex of [`81a9${name}80`, `81c409${name}80`]) {
      expect(refusal(() => decode(hex))).toBe("PROTOCOL_VIOLATION");
    }
  });

  test("refuses what msgpack has no form for", () => {
    const values = [2n ** 64n, -(2n ** 63n) - 1n, new Date(0), new Set(), new Map(), () => 1];
    for (const value of [...values, new Error("x"), new Float32Array(2), Symbol("s")]) {
      expect(refusal(() => codec.encode([value]))).toBe("INVALID_ARGUMENT");
    }
  });

  test("gives a large message away and goes on with small ones", () => {
    const large = codec.encodeShared("x".repeat(100_000));
    codec.encode([1, 2, 3]);
    expect(codec.decode(large)).toBe("x".repeat(100_000));
  });

  test("writes what another library writes, and reads it again", () => {
    const foreign = new Encoder({ ignoreUndefined: true });
    const json = fc.jsonValue({ noUnicodeString: false }).filter(isExact);
    fc.assert(
      fc.property(json, (value) => {
        const bytes = codec.encode(value);
        expect(encodeHex(bytes)).toBe(encodeHex(foreign.encode(value)));
        expect(codec.decode(bytes)).toEqual(value);
      }),
    );
  });

  test("answers garbage with a value or a code", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(["accepted", "PROTOCOL_VIOLATION", "TOO_LARGE"]).toContain(
          refusal(() => codec.decode(bytes)),
        );
      }),
    );
  });
});

/** Without `-0`, which has no form of its own here, and the key that is refused. */
function isExact(value: unknown): boolean {
  if (Object.is(value, -0)) return false;
  if (typeof value !== "object" || value === null) return true;
  return Object.entries(value).every(([key, each]) => key !== "__proto__" && isExact(each));
}
