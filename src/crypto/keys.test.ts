import fc from "fast-check";
import { expect, test } from "vitest";
import { SealwireError } from "../core/model/errors.ts";
import { formatPublicKey, formatSecretKey } from "./format-keys.ts";
import { generateKeyPair, keyPairFrom, parsePublicKey, parseSecretKey } from "./keys.ts";
import { nobleCrypto } from "./providers/noble.ts";

const provider = nobleCrypto();
const key32 = fc.uint8Array({ minLength: 32, maxLength: 32 });

test("generated pairs differ and belong together", async () => {
  const [one, other] = [await generateKeyPair(provider), await generateKeyPair(provider)];
  expect(one.secretKey).not.toEqual(other.secretKey);
  expect((await keyPairFrom(one.secretKey, provider)).publicKey).toEqual(one.publicKey);
});

test("keys come back from their text as they were", () => {
  fc.assert(
    fc.property(key32, (key) => {
      expect(parsePublicKey(formatPublicKey(key))).toEqual(key);
      expect(parseSecretKey(` ${formatSecretKey(key)}\n`)).toEqual(key);
    }),
  );
});

test("a mistyped character is noticed wherever it is, and the text is not shown", () => {
  const place = fc.integer({ min: 6, max: 53 });
  fc.assert(
    fc.property(key32, place, (key, at) => {
      const text = formatSecretKey(key);
      const mistyped = text.slice(0, at) + (text[at] === "A" ? "B" : "A") + text.slice(at + 1);
      expect(refusal(() => parseSecretKey(mistyped))).not.toContain(text.slice(6, 20));
    }),
  );
});

test("public and secret keys cannot be taken for each other", () => {
  const text = formatPublicKey(new Uint8Array(32));
  refusal(() => parseSecretKey(text));
  refusal(() => parsePublicKey(text.replace("swpub_", "swsec_")));
  refusal(() => parseSecretKey(text.replace("swpub_", "swsec_")));
});

test("other texts and keys of other lengths are refused", () => {
  fc.assert(fc.property(fc.string(), (text) => refusal(() => parsePublicKey(text)) !== ""));
  refusal(() => formatPublicKey(new Uint8Array(31)));
  refusal(() => parsePublicKey(`swpub_${"A".repeat(100_000)}`));
});

function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof SealwireError && error.code === "INVALID_ARGUMENT") return error.message;
  }
  throw new Error("was not refused as INVALID_ARGUMENT");
}
