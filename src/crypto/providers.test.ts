import { expect, test } from "vitest";
import { readVectors } from "../../test/vectors/read-vectors.ts";
import { decodeHex, encodeHex } from "../bytes/text.ts";
import { SealwireError } from "../core/model/errors.ts";
import { hkdf } from "./derive.ts";
import type { CryptoProvider } from "./provider.ts";
import { nodeCrypto } from "./providers/best.node.ts";
import { nobleCrypto } from "./providers/noble.ts";
import { nodeCryptoProvider } from "./providers/node.node.ts";
import { loadSodium } from "./providers/sodium.node.ts";
import { webCrypto } from "./providers/web.ts";
import { randomBytes } from "./random.ts";

interface Vectors<Group> {
  readonly numberOfTests: number;
  readonly testGroups: readonly Group[];
}
interface Judged {
  readonly tcId: number;
  readonly result: "valid" | "acceptable" | "invalid";
}
type AgreementTest = Judged & Record<"public" | "private" | "shared", string>;
type AeadTest = Judged & Record<"key" | "iv" | "aad" | "msg" | "ct" | "tag", string>;
type HkdfTest = Judged & Record<"ikm" | "salt" | "info" | "okm", string> & { size: number };
type HmacTest = Judged & Record<"key" | "msg" | "tag", string>;

const agreements = readVectors<Vectors<{ tests: AgreementTest[] }>>("wycheproof/x25519.json");
const aeads = readVectors<Vectors<{ tests: AeadTest[] }>>("wycheproof/chacha20_poly1305.json");
const hkdfs = readVectors<Vectors<{ tests: HkdfTest[] }>>("wycheproof/hkdf_sha256.json");
const hmacs = readVectors<Vectors<{ tagSize: number; tests: HmacTest[] }>>(
  "wycheproof/hmac_sha256.json",
);

const sodium = await loadSodium();
const providers: readonly CryptoProvider[] = [
  ...(sodium === undefined ? [] : [sodium]),
  nodeCryptoProvider(),
  webCrypto(),
  nobleCrypto(),
  { ...webCrypto({ subtle: undefined }), name: "web without subtle" },
];

test("sodium loads here, so that it is among the tested", () => {
  expect(sodium?.name).toBe("sodium");
});

test("the best provider of a machine is sodium where it loads", async () => {
  expect((await nodeCrypto()).name).toBe(sodium === undefined ? "node" : "sodium");
});

test.each(providers)("$name agrees as Wycheproof's X25519 does", { timeout: 60_000 }, async (p) => {
  const tests = agreements.testGroups.flatMap((group) => group.tests);
  expect(tests).toHaveLength(agreements.numberOfTests);
  for (const each of tests) {
    const agreed = attempt(async () => p.agree(hex(each.private), hex(each.public)));
    const zero = /^0+$/.test(each.shared);
    expect([each.tcId, await agreed]).toEqual([each.tcId, zero ? "HANDSHAKE_FAILED" : each.shared]);
  }
});

test.each(providers)("$name seals and opens as Wycheproof's ChaCha20-Poly1305 does", async (p) => {
  const tests = aeads.testGroups.flatMap((group) => group.tests);
  expect(tests).toHaveLength(aeads.numberOfTests);
  for (const each of tests) {
    const sealed = each.ct + each.tag;
    const opened = await attempt(async () => open(p, each, sealed));
    if (each.result === "valid") {
      expect([each.tcId, opened]).toEqual([each.tcId, each.msg]);
      expect([each.tcId, await attempt(async () => seal(p, each))]).toEqual([each.tcId, sealed]);
    } else {
      expect(["RECORD_REJECTED", "INVALID_ARGUMENT"]).toContain(opened);
    }
  }
});

test.each(providers)("$name derives as Wycheproof's HKDF does", async (provider) => {
  const tests = hkdfs.testGroups.flatMap((group) => group.tests);
  expect(tests).toHaveLength(hkdfs.numberOfTests);
  for (const { tcId, ikm, salt, info, size, okm, result } of tests) {
    const input = { key: hex(ikm), salt: hex(salt), info: hex(info), bytes: size };
    const derived = await attempt(async () => hkdf(provider, input));
    expect([tcId, derived]).toEqual([tcId, result === "valid" ? okm : "INVALID_ARGUMENT"]);
  }
});

test.each(providers)("$name authenticates as Wycheproof's HMAC does", (provider) => {
  const tests = hmacs.testGroups.flatMap(({ tagSize, tests }) =>
    tests.map((each) => ({ ...each, tagSize })),
  );
  expect(tests).toHaveLength(hmacs.numberOfTests);
  for (const { tcId, key, msg, tag, tagSize, result } of tests) {
    const made = encodeHex(provider.hmacSha256(hex(key), hex(msg))).slice(0, tagSize / 4);
    expect([tcId, made === tag]).toEqual([tcId, result === "valid"]);
  }
});

test.each(providers)("$name has the hash and the public keys of the others", async (provider) => {
  const [data, secret] = [randomBytes(200), randomBytes(32)];
  const reference = nobleCrypto();
  expect(encodeHex(provider.sha256(data))).toBe(encodeHex(reference.sha256(data)));
  expect(encodeHex(await provider.publicKey(secret))).toBe(
    encodeHex(await reference.publicKey(secret)),
  );
});

test.each(providers)("$name finds the public key of RFC 7748, section 6.1", async (provider) => {
  const alice = hex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
  expect(encodeHex(await provider.publicKey(alice))).toBe(
    "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
  );
});

test.each(providers)("$name gives plain byte arrays", async (provider) => {
  const key = randomBytes(32);
  const made = [
    provider.sha256(key),
    provider.hmacSha256(key, key),
    await provider.publicKey(key),
    await provider.agree(key, await provider.publicKey(key)),
  ];
  for (const bytes of made) expect(Object.getPrototypeOf(bytes)).toBe(Uint8Array.prototype);
});

test.each(providers)("$name opens in place, an empty record too", (provider) => {
  const aead = provider.aead(randomBytes(32));
  const nonce = new Uint8Array(12);
  for (const length of [0, 1, 64, 1000]) {
    const plaintext = randomBytes(length);
    const record = new Uint8Array(length + 16);
    record.set(plaintext);
    aead.seal(nonce, nonce, record.subarray(0, length), record);
    aead.open(nonce, nonce, record, record.subarray(0, length));
    expect(encodeHex(record.subarray(0, length))).toBe(encodeHex(plaintext));
  }
});

test.each(providers)(
  "$name shows no plaintext of a record that does not open",
  async (provider) => {
    const aead = provider.aead(randomBytes(32));
    const nonce = new Uint8Array(12);
    const plaintext = new Uint8Array(100).fill(0x61);
    const sealed = new Uint8Array(116);
    aead.seal(nonce, nonce, plaintext, sealed);
    sealed[110] = (sealed[110] ?? 0) ^ 1;
    const out = new Uint8Array(100);
    expect(await attempt(async () => aead.open(nonce, nonce, sealed, out))).toBe("RECORD_REJECTED");
    expect(encodeHex(out)).toBe("00".repeat(100));
  },
);

test.each(providers)("$name refuses wrong lengths with a code", async (p) => {
  const key = randomBytes(32);
  const [short, nonce] = [new Uint8Array(31), new Uint8Array(12)];
  const attempts = [
    async () => p.aead(short),
    async () => p.publicKey(short),
    async () => p.agree(short, key),
    async () => p.agree(key, short),
    async () => p.aead(key).seal(short, nonce, nonce, new Uint8Array(28)),
    async () => p.aead(key).seal(nonce, nonce, nonce, new Uint8Array(27)),
    async () => p.aead(key).open(nonce, nonce, new Uint8Array(28), new Uint8Array(13)),
  ];
  for (const each of attempts) expect(await attempt(each)).toBe("INVALID_ARGUMENT");
  const tooShort = async () => p.aead(key).open(nonce, nonce, new Uint8Array(15), new Uint8Array());
  expect(await attempt(tooShort)).toBe("RECORD_REJECTED");
});

/** What came out, in hex, or the code of the failure. */
async function attempt(run: () => Promise<Uint8Array | unknown>): Promise<string> {
  try {
    const made = await run();
    return made instanceof Uint8Array ? encodeHex(made) : "";
  } catch (error) {
    return error instanceof SealwireError ? error.code : `not coded: ${error}`;
  }
}

function seal(provider: CryptoProvider, { key, iv, aad, msg }: AeadTest): Uint8Array {
  const out = new Uint8Array(msg.length / 2 + 16);
  provider.aead(hex(key)).seal(hex(iv), hex(aad), hex(msg), out);
  return out;
}

function open(provider: CryptoProvider, { key, iv, aad }: AeadTest, sealed: string): Uint8Array {
  const out = new Uint8Array(Math.max(0, sealed.length / 2 - 16));
  provider.aead(hex(key)).open(hex(iv), hex(aad), hex(sealed), out);
  return out;
}

function hex(text: string): Uint8Array {
  const bytes = decodeHex(text);
  if (bytes === undefined) throw new Error(`not hex: ${text}`);
  return bytes;
}
