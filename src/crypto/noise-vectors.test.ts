import { describe, expect, test } from "vitest";
import { readVectors } from "../../test/vectors/read-vectors.ts";
import { decodeHex, encodeHex } from "../bytes/text.ts";
import { keyPairFrom } from "./keys.ts";
import { NoiseHandshake, type NoiseResult } from "./noise.ts";
import { type NoisePattern, noisePattern } from "./noise-patterns.ts";
import type { CryptoProvider } from "./provider.ts";
import { nodeCrypto } from "./providers/best.node.ts";
import { nobleCrypto } from "./providers/noble.ts";
import { nodeCryptoProvider } from "./providers/node.node.ts";
import { webCrypto } from "./providers/web.ts";

interface Vector {
  readonly protocol_name: string;
  readonly init_prologue: string;
  readonly init_static?: string;
  readonly init_ephemeral: string;
  readonly init_remote_static?: string;
  readonly init_psks?: readonly string[];
  readonly resp_prologue: string;
  readonly resp_static?: string;
  readonly resp_ephemeral?: string;
  readonly resp_remote_static?: string;
  readonly resp_psks?: readonly string[];
  readonly handshake_hash?: string;
  readonly messages: readonly { readonly payload: string; readonly ciphertext: string }[];
}

const cacophony = readVectors<{ vectors: Vector[] }>("noise/cacophony.json").vectors;
const snow = readVectors<{ vectors: Vector[] }>("noise/snow.json").vectors;
const vectors = [...cacophony, ...snow];
const best = await nodeCrypto();
const NOTHING: Uint8Array = new Uint8Array();

test("all published vectors of the suite are run", () => {
  expect([cacophony.length, snow.length]).toEqual([59, 51]);
  const names = new Set(vectors.map((vector) => patternOf(vector).name));
  for (const name of ["NN", "NK", "XK", "XX", "IK", "KK", "NNpsk0", "XXpsk3", "XXpsk0+psk3"]) {
    expect(names).toContain(name);
  }
});

describe("published vectors", () => {
  for (const provider of [best, nodeCryptoProvider(), webCrypto(), nobleCrypto()]) {
    test(`hold with ${provider.name}`, { timeout: 60_000 }, async () => {
      for (const vector of vectors) await checkVector(vector, provider);
    });
  }
});

async function checkVector(vector: Vector, provider: CryptoProvider): Promise<void> {
  const name = vector.protocol_name;
  const [initiator, responder] = await sidesOf(vector, provider);
  const oneWay = /^[NKX](psk\d)?$/.test(patternOf(vector).name);
  let results: readonly [NoiseResult, NoiseResult] | undefined;
  for (const [index, message] of vector.messages.entries()) {
    const even = oneWay || index % 2 === 0;
    if (results === undefined && initiator.finished) {
      results = [initiator.split(), responder.split()];
      expect(encodeHex(results[0].handshakeHash)).toBe(
        vector.handshake_hash ?? encodeHex(results[1].handshakeHash),
      );
    }
    const seen =
      results === undefined
        ? await greet(even ? [initiator, responder] : [responder, initiator], message.payload)
        : transport(even ? results : [results[1], results[0]], message.payload);
    expect([name, index, ...seen]).toEqual([name, index, message.ciphertext, message.payload]);
  }
  expect(results).toBeDefined();
}

async function greet(
  [from, to]: readonly [NoiseHandshake, NoiseHandshake],
  payload: string,
): Promise<readonly [string, string]> {
  const message = await from.writeMessage(hex(payload));
  return [encodeHex(message), encodeHex(await to.readMessage(message))];
}

function transport(
  [from, to]: readonly [NoiseResult, NoiseResult],
  payload: string,
): readonly [string, string] {
  const plaintext = hex(payload);
  const sealed = new Uint8Array(plaintext.length + 16);
  from.send.seal(NOTHING, plaintext, sealed);
  const opened = new Uint8Array(plaintext.length);
  to.receive.open(NOTHING, sealed, opened);
  return [encodeHex(sealed), encodeHex(opened)];
}

async function sidesOf(
  vector: Vector,
  provider: CryptoProvider,
): Promise<readonly [NoiseHandshake, NoiseHandshake]> {
  const shared = { pattern: patternOf(vector), provider };
  return [
    new NoiseHandshake({
      ...shared,
      initiator: true,
      prologue: hex(vector.init_prologue),
      staticKeys: await keysOf(vector.init_static, provider),
      ephemeralKeys: await keysOf(vector.init_ephemeral, provider),
      remoteStatic: bytesOf(vector.init_remote_static),
      psks: (vector.init_psks ?? []).map(hex),
    }),
    new NoiseHandshake({
      ...shared,
      initiator: false,
      prologue: hex(vector.resp_prologue),
      staticKeys: await keysOf(vector.resp_static, provider),
      ephemeralKeys: await keysOf(vector.resp_ephemeral, provider),
      remoteStatic: bytesOf(vector.resp_remote_static),
      psks: (vector.resp_psks ?? []).map(hex),
    }),
  ];
}

async function keysOf(secret: string | undefined, provider: CryptoProvider) {
  return secret === undefined ? undefined : keyPairFrom(hex(secret), provider);
}

function bytesOf(text: string | undefined): Uint8Array | undefined {
  return text === undefined ? undefined : hex(text);
}

function patternOf(vector: Vector): NoisePattern {
  return noisePattern(vector.protocol_name.split("_")[1] ?? "");
}

function hex(text: string): Uint8Array {
  const bytes = decodeHex(text);
  if (bytes === undefined) throw new Error(`not hex: ${text}`);
  return bytes;
}
