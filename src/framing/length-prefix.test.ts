import fc from "fast-check";
import { expect, test } from "vitest";
import { join } from "../bytes/join.ts";
import { lengthPrefix } from "./length-prefix.ts";

const TOO_LARGE = expect.objectContaining({ code: "TOO_LARGE" });

function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const borders = places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b);
  const ends = [...borders, bytes.length];
  return ends.map((end, i) => bytes.slice(ends[i - 1] ?? 0, end));
}

test("puts the length before the frame and does not copy the frame", () => {
  const frame = Uint8Array.of(7, 8, 9);
  const wrapped = lengthPrefix({ maxFrameBytes: 10 }).wrap(frame);
  expect(wrapped).toEqual([Uint8Array.of(0, 0, 0, 3), frame]);
  expect(wrapped[1]).toBe(frame);
});

test("gives the same frames for any split, empty frames included", () => {
  const frames = fc.array(fc.uint8Array({ maxLength: 600 }), { maxLength: 12 });
  const splits = fc.array(fc.nat(), { maxLength: 30 });
  fc.assert(
    fc.property(
      frames,
      splits,
      fc.constantFrom(2 as const, 4 as const),
      (given, places, headerBytes) => {
        const framing = lengthPrefix({ maxFrameBytes: 600, headerBytes });
        const wire = join(given.flatMap((frame) => framing.wrap(frame)));
        const received = cut(wire, places).flatMap((chunk) => framing.push(chunk));
        expect(received).toEqual(given);
      },
    ),
  );
});

test("refuses a frame beyond the limit as soon as its header is there", () => {
  const framing = lengthPrefix({ maxFrameBytes: 100 });
  expect(framing.push(Uint8Array.of(0, 0, 0))).toEqual([]);
  expect(() => framing.push(Uint8Array.of(101))).toThrow(TOO_LARGE);
});

test("hands out the frames before a larger one, which may be allowed by then", () => {
  const framing = lengthPrefix({ maxFrameBytes: 1 });
  expect(framing.push(Uint8Array.of(0, 0, 0, 1, 7, 0, 0, 0, 2, 5, 6))).toEqual([Uint8Array.of(7)]);
  expect(() => framing.push(new Uint8Array(0))).toThrow(TOO_LARGE);
  framing.maxFrameBytes = 2;
  expect(framing.push(new Uint8Array(0))).toEqual([Uint8Array.of(5, 6)]);
});

test("takes the largest length a header can say without memory for it", () => {
  const framing = lengthPrefix({ maxFrameBytes: 2 ** 32 });
  expect(framing.push(Uint8Array.of(0xff, 0xff, 0xff, 0xff))).toEqual([]);
});

test("lets larger frames pass once the limit is raised", () => {
  const framing = lengthPrefix({ maxFrameBytes: 1 });
  framing.maxFrameBytes = 2;
  expect(framing.push(Uint8Array.of(0, 0, 0, 2, 5, 6))).toEqual([Uint8Array.of(5, 6)]);
});

test("refuses to wrap what its header cannot count", () => {
  const framing = lengthPrefix({ maxFrameBytes: 100_000, headerBytes: 2 });
  expect(() => framing.wrap(new Uint8Array(65_536))).toThrow(TOO_LARGE);
});

test("answers garbage with frames or with TOO_LARGE, nothing else", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 50 })), (chunks) => {
      const framing = lengthPrefix({ maxFrameBytes: 1_000 });
      try {
        for (const chunk of chunks) framing.push(chunk);
      } catch (error) {
        expect(error).toEqual(TOO_LARGE);
      }
    }),
  );
});
