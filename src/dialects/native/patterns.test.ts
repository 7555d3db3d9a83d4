import { expect, test } from "vitest";
import { noisePattern } from "../../crypto/noise-patterns.ts";
import { NATIVE_PATTERNS } from "./patterns.ts";

test("the handshakes of this wire are those of the Noise specification under their names", () => {
  const { resume, ...others } = NATIVE_PATTERNS;
  const ours = Object.entries(others);
  expect(ours).toEqual(ours.map(([name]) => [name, noisePattern(name)]));
  expect(ours.map(([name]) => name)).toEqual(["NK", "XK", "XX", "NNpsk0"]);
  expect(resume).toEqual(noisePattern("NNpsk0"));
});
