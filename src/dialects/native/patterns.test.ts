import { expect, test } from "vitest";
import { noisePattern } from "../../crypto/noise-patterns.ts";
import { NATIVE_PATTERNS } from "./patterns.ts";

test("the handshakes of this wire are those of the Noise specification under their names", () => {
  const ours = Object.entries(NATIVE_PATTERNS);
  expect(ours).toEqual(ours.map(([name]) => [name, noisePattern(name)]));
  expect(ours.map(([name]) => name)).toEqual(["NK", "XK", "XX", "NNpsk0"]);
});
