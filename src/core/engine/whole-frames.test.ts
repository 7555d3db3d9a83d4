import { expect, test } from "vitest";
import { wholeFrames } from "./whole-frames.ts";

test("passes chunks through as frames, both ways", () => {
  const framing = wholeFrames(3);
  const frame = Uint8Array.of(1, 2, 3);
  expect(framing.push(frame)).toEqual([frame]);
  expect(framing.wrap(frame)).toEqual([frame]);
});

test("refuses what is larger than allowed, by the limit of the moment", () => {
  const framing = wholeFrames(3);
  const refused = expect.objectContaining({ code: "TOO_LARGE" });
  expect(() => framing.push(new Uint8Array(4))).toThrow(refused);
  framing.maxFrameBytes = 4;
  expect(framing.push(new Uint8Array(4))).toHaveLength(1);
});
