import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { refusal } from "../../../test/codecs/values.ts";
import { frameOf, LOGIN, requestOf } from "../../../test/netconduit/peers.ts";
import { join } from "../../bytes/join.ts";
import { parseFrame, recognizesMagic } from "./frame.ts";
import { netconduitFraming } from "./framing.ts";

const FRAMES = [LOGIN, frameOf(5), requestOf(2n ** 60n, "add", { a: 1 }), frameOf(6)];

/** A header of the type message that claims so many bytes. */
function claiming(contentBytes: number): Uint8Array {
  const header = frameOf(1).slice();
  new DataView(header.buffer).setUint32(12, contentBytes);
  return header;
}

describe("the frames of netconduit", () => {
  test("come out the same however they are cut", () => {
    const bytes = join(FRAMES);
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 12 }), (cuts) => {
        const framing = netconduitFraming({ maxFrameBytes: 16_384 });
        const places = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        const frames = places.flatMap((at, i) => framing.push(bytes.slice(places[i - 1] ?? 0, at)));
        expect(frames).toEqual(FRAMES);
      }),
    );
  });

  test("come out byte by byte", () => {
    const framing = netconduitFraming({ maxFrameBytes: 16_384 });
    const frames = [...join(FRAMES)].flatMap((byte) => framing.push(Uint8Array.of(byte)));
    expect(frames).toEqual(FRAMES);
  });

  test("fatal-too-long: 100 MiB and a byte are refused by the header alone, whatever the limit", () => {
    const framing = netconduitFraming({ maxFrameBytes: Number.MAX_SAFE_INTEGER });
    expect(framing.push(claiming(104_857_600))).toEqual([]);
    const other = netconduitFraming({ maxFrameBytes: Number.MAX_SAFE_INTEGER });
    expect(refusal(() => other.push(claiming(104_857_601)))).toBe("TOO_LARGE");
  });

  test("beyond the limit are refused by the header alone, before the login and after", () => {
    const framing = netconduitFraming({ maxFrameBytes: 16_384 });
    expect(refusal(() => framing.push(claiming(16_384)))).toBe("TOO_LARGE");
  });

  test("behind the end of a greeting are judged by the limit that holds then", () => {
    const framing = netconduitFraming({ maxFrameBytes: 1_024 });
    const large = join([claiming(4_000), new Uint8Array(4_000)]);
    expect(framing.push(join([LOGIN, large]))).toEqual([LOGIN]);
    framing.maxFrameBytes = 16_384;
    expect(framing.push(new Uint8Array())).toEqual([large]);
  });

  test("with another magic, version or type are refused as soon as it is there", () => {
    for (const [at, byte] of [
      [0, 0x44],
      [3, 0x55],
      [4, 2],
      [5, 1],
      [6, 1],
      [7, 0],
      [7, 0x11],
    ]) {
      const bytes = frameOf(1).slice();
      bytes[at ?? 0] = byte ?? 0;
      const framing = netconduitFraming({ maxFrameBytes: 16_384 });
      const seen = (at ?? 0) < 4 ? bytes.subarray(0, 4) : bytes;
      expect(
        refusal(() => framing.push(seen)),
        `byte ${at}`,
      ).toBe("PROTOCOL_VIOLATION");
    }
  });

  test("of garbage are none, or refused with a code", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 80 }), { maxLength: 5 }), (chunks) => {
        const framing = netconduitFraming({ maxFrameBytes: 16_384 });
        const taken = refusal(() => chunks.flatMap((chunk) => framing.push(chunk)));
        expect(["accepted", "PROTOCOL_VIOLATION", "TOO_LARGE"]).toContain(taken);
      }),
    );
  });

  test("are known by their first four bytes", () => {
    expect(recognizesMagic(new Uint8Array())).toBeUndefined();
    expect(recognizesMagic(LOGIN.subarray(0, 3))).toBeUndefined();
    expect(recognizesMagic(LOGIN.subarray(0, 4))).toBe(true);
    expect(recognizesMagic(Uint8Array.of(0x43, 0x4f))).toBe(false);
  });

  test("whose length is not the one they claim are refused", () => {
    expect(refusal(() => parseFrame(claiming(5)))).toBe("PROTOCOL_VIOLATION");
    expect(refusal(() => parseFrame(LOGIN.subarray(0, 31)))).toBe("PROTOCOL_VIOLATION");
  });
});
