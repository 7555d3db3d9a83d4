import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeUtf8, encodeHex } from "../bytes/text.ts";
import { SealwireError } from "../core/model/errors.ts";
import { apiKeyPair, generateApiKey, parseApiKey } from "./api-key-text.ts";
import { nobleCrypto } from "./providers/noble.ts";
import { nodeCryptoProvider } from "./providers/node.node.ts";

const provider = nodeCryptoProvider();

test("a generated key is understood as one", () => {
  const text = generateApiKey();
  const key = parseApiKey(text);
  expect(text).toMatch(/^sw_[0-9A-Za-z]{8}_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}$/);
  expect(key).toMatchObject({ kind: "generated", keyId: text.slice(3, 11) });
  expect(key.kind === "generated" && decodeUtf8(key.secret)).toBe(text.slice(12, 55));
});

test("generated keys use every letter and digit, and never repeat", () => {
  const keys = Array.from({ length: 200 }, generateApiKey);
  expect(new Set(keys).size).toBe(200);
  expect(new Set(keys.map((key) => key.slice(12, 55)).join("")).size).toBe(62);
});

test("any other text is free text, blanks and all", () => {
  const text = " my key ";
  expect(parseApiKey(text)).toEqual({ kind: "free-text", text });
});

test("a mistyped character is noticed wherever it is, and the key is not shown", () => {
  const key = generateApiKey();
  fc.assert(
    fc.property(fc.integer({ min: 3, max: 61 }), (at) => {
      const mistyped = key.slice(0, at) + (key[at] === "a" ? "b" : "a") + key.slice(at + 1);
      const message = refusal(() => parseApiKey(mistyped));
      expect(message).toContain("mistyped");
      expect(message).not.toContain(key.slice(12, 20));
    }),
  );
});

test("a key cut short, an empty one and an endless one are refused", () => {
  refusal(() => parseApiKey(generateApiKey().slice(0, -1)));
  refusal(() => parseApiKey("sw_"));
  refusal(() => parseApiKey(""));
  refusal(() => parseApiKey("x".repeat(1025)));
});

test("the same key gives the same pair everywhere, another key another", async () => {
  const key = generateApiKey();
  const pair = await apiKeyPair(key, "one", provider);
  expect(encodeHex(pair.publicKey)).toBe(
    encodeHex((await apiKeyPair(key, "other", nobleCrypto())).publicKey),
  );
  expect(pair.publicKey).not.toEqual(
    (await apiKeyPair(generateApiKey(), "one", provider)).publicKey,
  );
});

test("free text gives each server another pair", async () => {
  const here = await apiKeyPair("swordfish", "here", provider);
  const there = await apiKeyPair("swordfish", "there", provider);
  expect(here.publicKey).not.toEqual(there.publicKey);
  expect((await apiKeyPair("swordfish", "here", provider)).publicKey).toEqual(here.publicKey);
});

function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof SealwireError && error.code === "INVALID_ARGUMENT") return error.message;
  }
  throw new Error("was not refused as INVALID_ARGUMENT");
}
