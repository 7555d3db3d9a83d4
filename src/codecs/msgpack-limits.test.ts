import { Encoder, ExtData } from "@msgpack/msgpack";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytes, nested, refusal, values } from "../../test/codecs/values.ts";
import { msgpackCodec } from "./msgpack.ts";

const codec = msgpackCodec();
const foreign = new Encoder();

function roundTrip(value: unknown): unknown {
  return codec.decode(codec.encode(value));
}

describe("limits", () => {
  it("are checked when the codec is made", () => {
    expect(refusal(() => msgpackCodec({ maxDepth: 0 }))).toBe("INVALID_ARGUMENT");
    expect(refusal(() => msgpackCodec({ maxItems: 1.5 }))).toBe("INVALID_ARGUMENT");
    expect(refusal(() => msgpackCodec({ maxDepth: 513 }))).toBe("INVALID_ARGUMENT");
  });

  it.each([
    ["maxItems", { maxItems: 3 }, [1, 2, 3]],
    ["maxStringBytes", { maxStringBytes: 2 }, "abc"],
    ["maxBinaryBytes", { maxBinaryBytes: 2 }, bytes(1, 2, 3)],
    ["maxBytes", { maxBytes: 4 }, [1, 2, 3, 4]],
    ["maxRichValues", { maxRichValues: 1 }, [new Set(), new Set()]],
  ])("%s holds in both directions", (_, limits, value) => {
    const limited = msgpackCodec(limits);
    expect(refusal(() => limited.encode(value))).toBe("TOO_LARGE");
    expect(refusal(() => limited.decode(codec.encode(value)))).toBe("TOO_LARGE");
  });

  it("allow exactly as many levels as they say, to both directions", () => {
    expect(roundTrip(nested(64))).toEqual(nested(64));
    const deeper = msgpackCodec({ maxDepth: 65 }).encode(nested(65));
    expect(refusal(() => codec.decode(deeper))).toBe("PROTOCOL_VIOLATION");
  });
});

describe("bad bytes", () => {
  it.each([
    ["nothing", bytes()],
    ["a byte without meaning", bytes(0xc1)],
    ["two values", bytes(1, 2)],
    ["half a number", bytes(0xcb, 0, 0)],
    ["half a string", bytes(0xa3, 0x61)],
    ["a string that is not UTF-8", bytes(0xa1, 0xff)],
    ["an overlong form", bytes(0xa2, 0xc0, 0x80)],
    ["an array that claims four thousand million values", bytes(0xdd, 255, 255, 255, 255)],
    ["a map that claims as many", bytes(0xdf, 255, 255, 255, 255)],
    ["bytes that claim as many", bytes(0xc6, 255, 255, 255, 255)],
    ["a key that is a number", bytes(0x81, 1, 1)],
    ["the key __proto__", foreign.encode(JSON.parse('{"__proto__":1}'))],
    ["an integer of 2^53", bytes(0xcf, 0, 0x20, 0, 0, 0, 0, 0, 0)],
    ["an integer below -2^53", bytes(0xd3, 0xff, 0xdf, 255, 255, 255, 255, 255, 255)],
    ["an unknown extension", foreign.encode(new ExtData(99, bytes(1)))],
    ["a bigint with leading zeros", foreign.encode(new ExtData(1, bytes(0, 0, 1)))],
    ["a negative zero", foreign.encode(new ExtData(1, bytes(1)))],
    ["a bigint without a sign", foreign.encode(new ExtData(1, bytes()))],
    ["a map that is no array", foreign.encode(new ExtData(2, bytes(0xc0)))],
    ["a map with half an entry", foreign.encode(new ExtData(2, bytes(0x91, 1)))],
    ["an empty map extension", foreign.encode(new ExtData(2, bytes()))],
    ["a set longer than its array", foreign.encode(new ExtData(3, bytes(0x91, 1, 1)))],
    ["a set shorter than its array", [...foreign.encode(new ExtData(3, bytes(0x92, 1))), 1]],
    ["an error of two parts", foreign.encode(new ExtData(4, bytes(0x92, 0xa0, 0xa0)))],
    ["half a float", foreign.encode(new ExtData(6, bytes(7, 1, 2)))],
    ["a typed array of no type", foreign.encode(new ExtData(6, bytes(77)))],
    ["a timestamp of three bytes", foreign.encode(new ExtData(-1, bytes(1, 2, 3)))],
    [
      "a timestamp after the end of time",
      foreign.encode(new ExtData(-1, bytes(0, 0, 0, 0, ...Array.from({ length: 8 }, () => 0x7f)))),
    ],
  ])("%s is a violation of the protocol", (_, input) => {
    expect(refusal(() => codec.decode(Uint8Array.from(input)))).toBe("PROTOCOL_VIOLATION");
  });

  it("a bomb of nested arrays is refused without recursion", () => {
    const bomb = new Uint8Array(5_000_000).fill(0x91);
    expect(refusal(() => codec.decode(bomb))).toBe("PROTOCOL_VIOLATION");
  });

  it("a bomb of empty maps is refused before they are made", () => {
    const bomb = new Uint8Array(5_000_005).fill(0x80);
    bomb.set([0xdd, 0, 0x4c, 0x4b, 0x40]);
    expect(refusal(() => codec.decode(bomb))).toBe("TOO_LARGE");
  });

  it("any garbage gives a value or a coded error", () => {
    const input = fc.uint8Array({ maxLength: 200 });
    fc.assert(
      fc.property(input, (garbage) => {
        expect(refusal(() => codec.decode(garbage))).toMatch(/^(accepted|PROTOCOL_VIOLATION|TOO_)/);
      }),
      { numRuns: 2000 },
    );
  });

  it("any mutation of good bytes gives a value or a coded error", () => {
    const mutations = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(values, mutations, (value, changes) => {
        const mutated = codec.encode(value);
        for (const [at, byte] of changes) mutated[at % mutated.length] = byte;
        expect(refusal(() => codec.decode(mutated))).toMatch(/^(accepted|PROTOCOL_VIOLATION|TOO_)/);
      }),
      { numRuns: 500 },
    );
  });

  it("any prefix of good bytes is refused", () => {
    fc.assert(
      fc.property(values, fc.nat(), (value, cut) => {
        const whole = codec.encode(value);
        const prefix = whole.subarray(0, cut % whole.length);
        expect(refusal(() => codec.decode(prefix))).toBe("PROTOCOL_VIOLATION");
      }),
    );
  });

  it("leaves the codec in order", () => {
    refusal(() => codec.decode(foreign.encode([new ExtData(2, bytes(0x91, 1))])));
    expect(roundTrip({ a: new Map([[1, 2]]) })).toEqual({ a: new Map([[1, 2]]) });
  });
});
