import { expect, test } from "vitest";
import { generateKeyPair } from "./keys.ts";
import { NoiseHandshake } from "./noise.ts";
import type { NoiseOptions } from "./noise-options.ts";
import { noisePattern } from "./noise-patterns.ts";
import { nobleCrypto } from "./providers/noble.ts";

const provider = nobleCrypto();
const PLAIN = { initiator: true, prologue: new Uint8Array(), provider };

test("a pattern's keys must be there, fit, and be no more than it takes", async () => {
  const keys = await generateKeyPair(provider);
  const short = new Uint8Array(31);
  const wrong: readonly (Partial<Omit<NoiseOptions, "pattern">> & { readonly pattern: string })[] =
    [
      { pattern: "QQ" },
      { pattern: "NNpsk3" },
      { pattern: "NNpsk0+psk0" },
      { pattern: "XK", staticKeys: keys },
      { pattern: "XK", remoteStatic: keys.publicKey },
      { pattern: "NK", remoteStatic: short },
      { pattern: "NN", remoteStatic: keys.publicKey },
      { pattern: "NNpsk0" },
      { pattern: "NNpsk0", psks: [short] },
      { pattern: "NN", psks: [keys.publicKey] },
    ];
  for (const options of wrong) {
    const begin = () =>
      new NoiseHandshake({ ...PLAIN, ...options, pattern: noisePattern(options.pattern) });
    expect(begin, options.pattern).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  }
});
