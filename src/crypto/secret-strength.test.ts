import { Buffer } from "node:buffer";
import { expect, test } from "vitest";
import { SealwireError } from "../core/model/errors.ts";
import { nobleCrypto } from "./providers/noble.ts";
import { randomBytes } from "./random.ts";
import { checkSecret, MIN_SECRET_BITS, secretBits, secretKey } from "./secret-strength.ts";

const provider = nobleCrypto();

test("what generators give is strong enough, as bytes, hex and base64", () => {
  for (let run = 0; run < 300; run++) {
    const secret = Buffer.from(randomBytes(32));
    const forms = [secret, secret.toString("hex"), secret.toString("base64")];
    for (const form of forms) expect(secretBits(form)).toBeGreaterThanOrEqual(MIN_SECRET_BITS);
    expect(secretBits(secret.subarray(0, 16).toString("hex"))).toBeGreaterThanOrEqual(120);
  }
});

test("random letters of one case and random digits count for what they are", () => {
  expect(secretBits("qzjxkvwpfmgybhrucdnlqkzxvjwpgm")).toBeGreaterThan(130);
  expect(secretBits("83920174659103847261")).toBeLessThan(70);
});

test.each([
  "password",
  "correct horse battery staple",
  "CorrectHorseBatteryStaple2026!",
  "this is my very secret pass phrase for the server",
  "Das-ist-unser-gemeinsames-Geheimnis-2026",
  "0123456789abcdef0123456789abcdef0123456789abcdef",
  "abcdefghijklmnopqrstuvwxyz0123456789",
  "changeme".repeat(20),
  "a".repeat(1000),
  "",
])("%j is refused, with the way to a better one and without showing it", (secret) => {
  const message = refusal(secret);
  expect(message).toContain("openssl rand -base64 32");
  if (secret !== "" && secret !== "password") expect(message).not.toContain(secret);
});

test("bytes that are all alike or counted up are refused", () => {
  refusal(new Uint8Array(64));
  refusal(Uint8Array.from({ length: 200 }, (_, index) => index));
  refusal(randomBytes(15));
});

test("the key is made from the secret, never the secret itself", () => {
  const secret = Buffer.from(randomBytes(32));
  const key = secretKey(secret, provider);
  expect(key).toHaveLength(32);
  expect(Buffer.from(key).equals(secret)).toBe(false);
  expect(secretKey(secret.toString("base64"), provider)).not.toEqual(key);
});

function refusal(secret: string | Uint8Array): string {
  try {
    checkSecret(secret);
  } catch (error) {
    if (error instanceof SealwireError && error.code === "INVALID_ARGUMENT") return error.message;
  }
  throw new Error("was not refused as INVALID_ARGUMENT");
}
