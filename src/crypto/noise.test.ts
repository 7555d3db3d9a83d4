import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeHex, encodeHex } from "../bytes/text.ts";
import { SealwireError } from "../core/model/errors.ts";
import { type KeyPair, keyPairFrom } from "./keys.ts";
import { NoiseHandshake, type NoiseResult } from "./noise.ts";
import type { NoiseOptions } from "./noise-options.ts";
import { noisePattern } from "./noise-patterns.ts";
import { nodeCrypto } from "./providers/best.node.ts";
import { randomBytes } from "./random.ts";

const node = await nodeCrypto();

describe("a handshake of XK", () => {
  test("gives both sides the same hash, chaining key and ciphers", async () => {
    const { initiator, responder } = await converse(await pairOf("XK"));
    expect(initiator.handshakeHash).toEqual(responder.handshakeHash);
    expect(initiator.chainingKey).toEqual(responder.chainingKey);
    expect(passes(initiator, responder)).toBe(true);
    expect(passes(responder, initiator)).toBe(true);
  });

  test("tells the responder who the initiator is", async () => {
    const pair = await pairOf("XK");
    await converse(pair);
    expect(pair.responder.remoteStatic).toEqual(pair.initiatorKeys.publicKey);
  });

  test("does not survive a changed byte in any message", { timeout: 60_000 }, async () => {
    const lengths = await messageLengths("XK");
    for (const [message, length] of lengths.entries()) {
      for (let at = 0; at < length; at++) {
        const change = (bytes: Uint8Array) => flip(bytes, at);
        expect([message, at, await outcome("XK", message, change)]).toEqual([
          message,
          at,
          "refused",
        ]);
      }
    }
  });

  test("does not survive a shortened, lengthened or emptied message", async () => {
    const changes = [
      (bytes: Uint8Array) => bytes.subarray(1),
      (bytes: Uint8Array) => bytes.subarray(0, -1),
      (bytes: Uint8Array) => bytes.subarray(0, 31),
      (bytes: Uint8Array) => Uint8Array.of(...bytes, 0),
      () => new Uint8Array(),
      () => new Uint8Array(65_536),
    ];
    for (const message of [0, 1, 2]) {
      for (const change of changes) expect(await outcome("XK", message, change)).toBe("refused");
    }
  });
});

test("changed bytes of an unsealed payload are noticed with the next message", async () => {
  const changed = (bytes: Uint8Array) => flip(bytes, bytes.length - 1);
  expect(await outcome("NN", 0, changed)).toBe("refused");
});

test("garbage is refused with a code, whatever the pattern", async () => {
  const pattern = fc.constantFrom("NN", "NK", "XX", "IK", "NNpsk0");
  const run = fc.asyncProperty(pattern, fc.uint8Array({ maxLength: 200 }), async (name, bytes) => {
    const { responder } = await pairOf(name);
    const code = await codeOf(async () => {
      await responder.readMessage(bytes);
      // Without keys yet, 32 bytes and more may be anything.
      if (name !== "NN" && name !== "XX") throw new Error("garbage was taken for a message");
    });
    expect(["", "HANDSHAKE_FAILED"]).toContain(code);
  });
  await fc.assert(run, { numRuns: 150 });
});

test("different prologues do not understand each other", async () => {
  const pair = await pairOf("NK", { prologue: Uint8Array.of(1) }, { prologue: Uint8Array.of(2) });
  expect(await codeOf(() => converse(pair))).toBe("HANDSHAKE_FAILED");
});

test("different pre-shared keys do not understand each other", async () => {
  const [one, other] = [[randomBytes(32)], [randomBytes(32)]];
  const pair = await pairOf("NNpsk0", { psks: one }, { psks: other });
  expect(await codeOf(() => converse(pair))).toBe("HANDSHAKE_FAILED");
});

test("an initiator that expects another server does not reach this one", async () => {
  const remoteStatic = (await keyPairFrom(randomBytes(32), node)).publicKey;
  const pair = await pairOf("XK", { remoteStatic });
  expect(await codeOf(() => converse(pair))).toBe("HANDSHAKE_FAILED");
});

test("public keys of low order are refused, as ephemeral and as static key", async () => {
  for (const point of LOW_ORDER) {
    const { responder } = await pairOf("NK");
    const message = Uint8Array.of(...point, ...new Uint8Array(16));
    expect(await codeOf(() => responder.readMessage(message))).toBe("HANDSHAKE_FAILED");
    const { initiator } = await pairOf("NK", { remoteStatic: point });
    expect(await codeOf(() => initiator.writeMessage(NOTHING))).toBe("HANDSHAKE_FAILED");
  }
});

test("messages out of turn are refused", async () => {
  const { initiator, responder } = await pairOf("NN");
  expect(await codeOf(() => initiator.readMessage(NOTHING))).toBe("HANDSHAKE_FAILED");
  expect(await codeOf(() => responder.writeMessage(NOTHING))).toBe("HANDSHAKE_FAILED");
});

test("two messages at once are refused", async () => {
  const { initiator } = await pairOf("NN");
  const first = initiator.writeMessage(NOTHING);
  expect(await codeOf(() => initiator.writeMessage(NOTHING))).toBe("HANDSHAKE_FAILED");
  await first;
});

test("a failed handshake stays failed", async () => {
  const { initiator, responder } = await pairOf("NK");
  const message = await initiator.writeMessage(NOTHING);
  await codeOf(() => responder.readMessage(flip(message, 40)));
  expect(await codeOf(() => responder.readMessage(message))).toBe("HANDSHAKE_FAILED");
});

test("a handshake is split once, after its last message", async () => {
  const pair = await pairOf("NN");
  expect(await codeOf(async () => pair.initiator.split())).toBe("HANDSHAKE_FAILED");
  await converse(pair);
  expect(await codeOf(async () => pair.initiator.split())).toBe("HANDSHAKE_FAILED");
});

test("a payload too large for one message is refused before it is sent", async () => {
  const { initiator } = await pairOf("NN");
  expect(await codeOf(() => initiator.writeMessage(new Uint8Array(65_504)))).toBe("TOO_LARGE");
});

const NOTHING: Uint8Array = new Uint8Array();
const PLAIN = { pattern: "NN", prologue: NOTHING, provider: node };

/** The points of RFC 7748's curve with an order of 1, 2, 4 or 8, and one above the prime. */
const LOW_ORDER: readonly Uint8Array[] = [
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
  "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
].map(hex);

interface Pair {
  readonly initiator: NoiseHandshake;
  readonly responder: NoiseHandshake;
  readonly initiatorKeys: KeyPair;
}

/** Two sides whose keys suit the patterns that are tested here. */
async function pairOf(
  pattern: string,
  initiators: Partial<NoiseOptions> = {},
  responders: Partial<NoiseOptions> = {},
): Promise<Pair> {
  const initiatorKeys = await keyPairFrom(randomBytes(32), node);
  const server = await keyPairFrom(randomBytes(32), node);
  const psks = pattern.includes("psk") ? [new Uint8Array(32).fill(7)] : [];
  const shared = { ...PLAIN, pattern: noisePattern(pattern), psks };
  const pinned = pattern[1] === "K" ? { remoteStatic: server.publicKey } : {};
  return {
    initiatorKeys,
    initiator: new NoiseHandshake({
      ...{ ...shared, ...pinned, initiator: true, staticKeys: initiatorKeys },
      ...initiators,
    }),
    responder: new NoiseHandshake({
      ...{ ...shared, initiator: false, staticKeys: server },
      ...responders,
    }),
  };
}

type Change = (message: Uint8Array, index: number) => Uint8Array;
type Results = Record<"initiator" | "responder", NoiseResult>;

async function converse(pair: Pair, change: Change = (message) => message): Promise<Results> {
  for (let index = 0; !pair.initiator.finished || !pair.responder.finished; index++) {
    const even = index % 2 === 0;
    const [from, to] = even ? [pair.initiator, pair.responder] : [pair.responder, pair.initiator];
    await to.readMessage(change(await from.writeMessage(Uint8Array.of(1, 2, 3)), index));
  }
  return { initiator: pair.initiator.split(), responder: pair.responder.split() };
}

/** What becomes of a handshake one of whose messages is changed. */
async function outcome(
  pattern: string,
  message: number,
  change: (bytes: Uint8Array) => Uint8Array,
) {
  const pair = await pairOf(pattern);
  const tamper: Change = (bytes, index) => (index === message ? change(bytes) : bytes);
  try {
    const { initiator, responder } = await converse(pair, tamper);
    return passes(initiator, responder) ? "accepted" : "refused";
  } catch (error) {
    if (error instanceof SealwireError && error.code === "HANDSHAKE_FAILED") return "refused";
    return error;
  }
}

async function messageLengths(pattern: string): Promise<readonly number[]> {
  const lengths: number[] = [];
  await converse(await pairOf(pattern), (message) => {
    lengths.push(message.length);
    return message;
  });
  return lengths;
}

function passes(from: NoiseResult, to: NoiseResult): boolean {
  const plaintext = Uint8Array.of(5, 6, 7);
  const record = new Uint8Array(19);
  from.send.seal(NOTHING, plaintext, record);
  try {
    to.receive.open(NOTHING, record, record.subarray(0, 3));
  } catch {
    return false;
  }
  return encodeHex(record.subarray(0, 3)) === "050607";
}

function flip(bytes: Uint8Array, at: number): Uint8Array {
  const changed = bytes.slice();
  changed[at] = (changed[at] ?? 0) ^ 1;
  return changed;
}

async function codeOf(run: () => Promise<unknown>): Promise<string> {
  try {
    await run();
    return "";
  } catch (error) {
    return error instanceof SealwireError ? error.code : `not coded: ${error}`;
  }
}

function hex(text: string): Uint8Array {
  const bytes = decodeHex(text);
  if (bytes === undefined) throw new Error(`not hex: ${text}`);
  return bytes;
}
