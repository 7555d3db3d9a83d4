import fc from "fast-check";
import { expect, test } from "vitest";
import { readVectors } from "../../test/vectors/read-vectors.ts";
import { decodeHex, encodeHex, encodeUtf8 } from "../bytes/text.ts";
import { SealwireError } from "../core/model/errors.ts";
import type { BoxCrypto } from "./box.ts";
import { nobleBox } from "./providers/noble-box.ts";
import { nodeBox, withoutSodium } from "./providers/node-box.node.ts";
import { sodiumBox } from "./providers/sodium-box.node.ts";

interface Recorded {
  readonly keys: Readonly<Record<string, string>>;
  readonly fixed_nonce_boxes: readonly Readonly<
    Record<"nonce_hex" | "plaintext" | "box_hex", string>
  >[];
}
interface AgreementTest {
  readonly public: string;
  readonly private: string;
  readonly shared: string;
}

const recorded = readVectors<Recorded>("nacl-box/zmq-nacl.json");
const agreements = readVectors<{ testGroups: { tests: AgreementTest[] }[] }>(
  "wycheproof/x25519.json",
);
const sodium = sodiumBox();
const providers: readonly BoxCrypto[] = [...(sodium ? [sodium] : []), withoutSodium(), nobleBox()];

test("sodium loads here and is the best of this machine", () => {
  expect(nodeBox().name).toBe("sodium");
});

test.each(providers)("$name arrives at the key of the NaCl paper, section 8", (box) => {
  expect(encodeHex(box.publicKey(hex(PAPER.aliceSecret)))).toBe(PAPER.alicePublic);
  const key = box.boxKey(hex(PAPER.bobPublic), hex(PAPER.aliceSecret));
  expect(encodeHex(key)).toBe(PAPER.key);
});

test.each(providers)("$name seals and opens the box of the NaCl paper, section 10", (box) => {
  const [key, nonce] = [hex(PAPER.key), hex(PAPER.nonce)];
  expect(encodeHex(box.sealBox(key, nonce, hex(PAPER.plaintext)))).toBe(PAPER.box);
  expect(encodeHex(box.openBox(key, nonce, hex(PAPER.box)) ?? NOTHING)).toBe(PAPER.plaintext);
});

test.each(providers)("$name makes the boxes that the Python system made", (box) => {
  const { client_secret_hex, server_public_hex, shared_precomputed_hex } = recorded.keys;
  const key = box.boxKey(hex(server_public_hex), hex(client_secret_hex));
  expect(encodeHex(key)).toBe(shared_precomputed_hex);
  for (const each of recorded.fixed_nonce_boxes) {
    const sealed = box.sealBox(key, hex(each.nonce_hex), encodeUtf8(each.plaintext));
    expect(each.nonce_hex + encodeHex(sealed)).toBe(each.box_hex);
  }
});

test.each(providers)("$name agrees where Wycheproof's X25519 does", { timeout: 60_000 }, (box) => {
  const reference = sodium ?? nobleBox();
  for (const each of agreements.testGroups.flatMap((group) => group.tests)) {
    const make = (by: BoxCrypto) => attempt(() => by.boxKey(hex(each.public), hex(each.private)));
    const expected = /^0+$/.test(each.shared) ? "HANDSHAKE_FAILED" : make(reference);
    expect(make(box)).toBe(expected);
  }
});

test.each(providers)("$name opens what the others sealed, at any length", (box) => {
  const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
  fc.assert(
    fc.property(
      bytes(32),
      bytes(24),
      fc.uint8Array({ maxLength: 300 }),
      (key, nonce, plaintext) => {
        for (const other of providers) {
          const opened = box.openBox(key, nonce, other.sealBox(key, nonce, plaintext));
          expect(encodeHex(opened ?? ONE)).toBe(encodeHex(plaintext));
        }
      },
    ),
    { numRuns: 50 },
  );
});

test.each(providers)("$name does not open a box with any bit changed, or cut short", (box) => {
  const [key, nonce] = [new Uint8Array(32).fill(1), new Uint8Array(24)];
  const sealed = box.sealBox(key, nonce, new Uint8Array(20));
  for (let bit = 0; bit < sealed.length * 8; bit += 1) {
    const changed = sealed.slice();
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    expect(box.openBox(key, nonce, changed)).toBeUndefined();
  }
  for (let length = 0; length < sealed.length; length += 1) {
    expect(box.openBox(key, nonce, sealed.subarray(0, length))).toBeUndefined();
  }
});

test.each(providers)("$name refuses keys and nonces of a wrong length with a code", (box) => {
  const [key, short, nonce] = [new Uint8Array(32).fill(9), new Uint8Array(31), new Uint8Array(24)];
  const attempts = [
    () => box.publicKey(short),
    () => box.boxKey(short, key),
    () => box.boxKey(key, short),
    () => box.sealBox(short, nonce, nonce),
    () => box.sealBox(key, short, nonce),
    () => box.openBox(short, nonce, key),
    () => box.openBox(key, short, key),
  ];
  for (const each of attempts) expect(attempt(each)).toBe("INVALID_ARGUMENT");
});

test.each(providers)("$name refuses a public key of low order", (box) => {
  const zero = () => box.boxKey(new Uint8Array(32), new Uint8Array(32).fill(7));
  expect(attempt(zero)).toBe("HANDSHAKE_FAILED");
});

const NOTHING = new Uint8Array(0);
const ONE = new Uint8Array(1);

/** "Cryptography in NaCl" (D. J. Bernstein, 2009), sections 8 to 10; also libsodium's tests. */
const PAPER = {
  aliceSecret: "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a",
  alicePublic: "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
  bobPublic: "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",
  key: "1b27556473e985d462cd51197a9a46c76009549eac6474f206c4ee0844f68389",
  nonce: "69696ee955b62b73cd62bda875fc73d68219e0036b7a0b37",
  plaintext:
    "be075fc53c81f2d5cf141316ebeb0c7b5228c52a4c62cbd44b66849b64244ffce5ecbaaf33bd751a1ac728d4" +
    "5e6c61296cdc3c01233561f41db66cce314adb310e3be8250c46f06dceea3a7fa1348057e2f6556ad6b1318a" +
    "024a838f21af1fde048977eb48f59ffd4924ca1c60902e52f0a089bc76897040e082f937763848645e0705",
  box:
    "f3ffc7703f9400e52a7dfb4b3d3305d98e993b9f48681273c29650ba32fc76ce48332ea7164d96a4476fb8c5" +
    "31a1186ac0dfc17c98dce87b4da7f011ec48c97271d2c20f9b928fe2270d6fb863d51738b48eeee314a7cc8a" +
    "b932164548e526ae90224368517acfeabd6bb3732bc0e9da99832b61ca01b6de56244a9e88d5f9b37973f622" +
    "a43d14a6599b1f654cb45a74e355a5",
};

/** What came out, in hex, or the code of the failure. */
function attempt(run: () => Uint8Array | undefined): string {
  try {
    return encodeHex(run() ?? NOTHING);
  } catch (error) {
    return error instanceof SealwireError ? error.code : `not coded: ${error}`;
  }
}

function hex(text = ""): Uint8Array {
  const bytes = decodeHex(text);
  if (bytes === undefined) throw new Error(`not hex: ${text}`);
  return bytes;
}
