import { Buffer } from "node:buffer";
import { constants, deflateRawSync, inflateRawSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { refusal } from "../../test/codecs/values.ts";
import { deflate } from "./deflate.ts";

const compression = deflate();
const MIB = 1024 * 1024;

/** So many zeros: one mebibyte compressed once and repeated, then an empty final block. */
function zeros(mebibytes: number): Uint8Array {
  const options = { level: 9, finishFlush: constants.Z_FULL_FLUSH };
  const piece = deflateRawSync(new Uint8Array(MIB), options);
  const pieces = Array.from({ length: mebibytes }, () => piece);
  return Buffer.concat([...pieces, Uint8Array.of(3, 0)]);
}

function mixed(length: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    bytes[i] = state % 7 === 0 ? state >>> 24 : (i / 50) & 0xff;
  }
  return bytes;
}

describe("what was compressed comes back", () => {
  it("for small bytes of any kind", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), (bytes) => {
        expect(compression.decompress(compression.compress(bytes), 3000)).toEqual(bytes);
      }),
    );
  });

  it("for large bytes, to and from zlib", () => {
    fc.assert(
      fc.property(
        fc.nat(300_000),
        fc.nat(),
        fc.integer({ min: 0, max: 9 }),
        (size, seed, level) => {
          const bytes = mixed(size, seed);
          const back = compression.decompress(deflateRawSync(bytes, { level }), size);
          expect(Buffer.compare(back, bytes)).toBe(0);
          expect(Buffer.compare(inflateRawSync(compression.compress(bytes)), bytes)).toBe(0);
        },
      ),
      { numRuns: 40 },
    );
  });

  it("up to exactly the limit", () => {
    const packed = compression.compress(new Uint8Array(1000));
    expect(compression.decompress(packed, 1000)).toHaveLength(1000);
    expect(refusal(() => compression.decompress(packed, 999))).toBe("TOO_LARGE");
  });
});

describe("bad bytes", () => {
  it("a bomb of one gibibyte is refused early and in little memory", () => {
    const bomb = zeros(1024);
    expect(compression.decompress(zeros(2), 2 * MIB)).toHaveLength(2 * MIB);
    const before = process.memoryUsage().arrayBuffers;
    const started = performance.now();
    expect(refusal(() => compression.decompress(bomb, 4 * MIB))).toBe("TOO_LARGE");
    expect(performance.now() - started).toBeLessThan(1000);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * MIB);
  }, 60_000);

  it("nothing at all is a violation of the protocol", () => {
    expect(refusal(() => compression.decompress(new Uint8Array(0), 10))).toBe("PROTOCOL_VIOLATION");
  });

  it("every shortened form is a violation of the protocol", () => {
    const packed = compression.compress(mixed(5000, 7));
    const cuts = Array.from({ length: packed.length - 1 }, (_, i) => packed.subarray(0, i + 1));
    const accepted = cuts.filter((cut) => {
      return refusal(() => compression.decompress(cut, 10_000)) !== "PROTOCOL_VIOLATION";
    });
    expect(accepted).toEqual([]);
  });

  it("garbage gives bytes within the limit or a coded error", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 4000 }), (garbage) => {
        const outcome = refusal(() => compression.decompress(garbage, 100_000));
        expect(outcome).toMatch(/^(accepted|PROTOCOL_VIOLATION|TOO_LARGE)$/);
      }),
      { numRuns: 1000 },
    );
  });

  it("mutations give bytes within the limit or a coded error", () => {
    const packed = compression.compress(mixed(20_000, 3));
    fc.assert(
      fc.property(fc.nat(packed.length - 1), fc.nat(255), (at, byte) => {
        const mutated = packed.slice();
        mutated[at] = byte;
        const outcome = refusal(() => compression.decompress(mutated, 100_000));
        expect(outcome).toMatch(/^(accepted|PROTOCOL_VIOLATION|TOO_LARGE)$/);
      }),
      { numRuns: 500 },
    );
  });
});

it("refuses a level that does not exist", () => {
  expect(refusal(() => deflate({ level: 10 as 9 }))).toBe("INVALID_ARGUMENT");
});
