import { expect, test } from "vitest";
import { encodeHex } from "../bytes/text.ts";
import { SealwireError } from "../core/model/errors.ts";
import { CipherState } from "./cipher-state.ts";
import { nobleCrypto } from "./providers/noble.ts";
import { randomBytes } from "./random.ts";

const provider = nobleCrypto();
const NOTHING = new Uint8Array();
const PLAINTEXT = Uint8Array.of(1, 2, 3);

test("records open in the order they were sealed", () => {
  const [sender, receiver] = pair();
  const records = [sealed(sender), sealed(sender), sealed(sender)];
  for (const record of records) expect(opened(receiver, record)).toBe("010203");
  expect([sender.nonce, receiver.nonce]).toEqual([3, 3]);
});

test("a repeated, skipped or changed record does not open and is not counted", () => {
  const [sender, receiver] = pair();
  const [first, second, third] = [sealed(sender), sealed(sender), sealed(sender)];
  expect(opened(receiver, first)).toBe("010203");
  expect(opened(receiver, first)).toBe("RECORD_REJECTED");
  expect(opened(receiver, third)).toBe("RECORD_REJECTED");
  second[0] = (second[0] ?? 0) ^ 1;
  expect(opened(receiver, second)).toBe("RECORD_REJECTED");
  expect(receiver.nonce).toBe(1);
});

test("the nonce is four zero bytes and the count, lowest byte first", () => {
  const key = randomBytes(32);
  for (const [count, nonce] of COUNTS) {
    const state = new CipherState(provider, key.slice(), count);
    const expected = new Uint8Array(19);
    provider.aead(key).seal(nonceOf(nonce), NOTHING, PLAINTEXT, expected);
    expect([count, encodeHex(sealed(state))]).toEqual([count, encodeHex(expected)]);
  }
});

test("the last count is refused for sealing and for opening", () => {
  const sender = new CipherState(provider, randomBytes(32), Number.MAX_SAFE_INTEGER - 1);
  sealed(sender);
  expect(() => sealed(sender)).toThrow(expect.objectContaining({ code: "RECORD_REJECTED" }));
  const receiver = new CipherState(provider, randomBytes(32), Number.MAX_SAFE_INTEGER);
  expect(opened(receiver, new Uint8Array(19))).toBe("RECORD_REJECTED");
});

test("both ends go on after rekey, and the old key opens nothing of it", () => {
  const key = randomBytes(32);
  const sender = new CipherState(provider, key.slice());
  const receiver = new CipherState(provider, key.slice());
  const late = new CipherState(provider, key.slice());
  sender.rekey();
  receiver.rekey();
  const record = sealed(sender);
  expect(opened(late, record)).toBe("RECORD_REJECTED");
  expect(opened(receiver, record)).toBe("010203");
});

test("rekey is the first 32 bytes of zeros sealed under the highest nonce", () => {
  const key = randomBytes(32);
  const made = new Uint8Array(48);
  provider.aead(key).seal(nonceOf("ffffffffffffffff"), NOTHING, new Uint8Array(32), made);
  const state = new CipherState(provider, key);
  state.rekey();
  const same = new CipherState(provider, made.slice(0, 32));
  expect(opened(same, sealed(state))).toBe("010203");
});

test("rekey goes on counting, a new key begins at zero", () => {
  const [state] = pair();
  sealed(state);
  state.rekey();
  expect(state.nonce).toBe(1);
  state.setKey(randomBytes(32));
  expect(state.nonce).toBe(0);
});

test("a wiped key seals nothing", () => {
  const key = randomBytes(32);
  const state = new CipherState(provider, key);
  state.wipe();
  expect(encodeHex(key)).toBe("00".repeat(32));
  expect(() => sealed(state)).toThrow(SealwireError);
});

const COUNTS: readonly (readonly [number, string])[] = [
  [0, "0000000000000000"],
  [1, "0100000000000000"],
  [0x0403_0201, "0102030400000000"],
  [0xffff_ffff, "ffffffff00000000"],
  [2 ** 32, "0000000001000000"],
  [Number.MAX_SAFE_INTEGER - 1, "feffffffffff1f00"],
];

function pair(): readonly [CipherState, CipherState] {
  const key = randomBytes(32);
  return [new CipherState(provider, key.slice()), new CipherState(provider, key)];
}

function sealed(state: CipherState): Uint8Array {
  const out = new Uint8Array(PLAINTEXT.length + 16);
  state.seal(NOTHING, PLAINTEXT, out);
  return out;
}

function opened(state: CipherState, record: Uint8Array): string {
  const out = new Uint8Array(record.length - 16);
  try {
    state.open(NOTHING, record, out);
    return encodeHex(out);
  } catch (error) {
    return error instanceof SealwireError ? error.code : `not coded: ${error}`;
  }
}

function nonceOf(count: string): Uint8Array {
  const nonce = new Uint8Array(12);
  for (let at = 0; at < 8; at++)
    nonce[4 + at] = Number.parseInt(count.slice(2 * at, 2 * at + 2), 16);
  return nonce;
}
