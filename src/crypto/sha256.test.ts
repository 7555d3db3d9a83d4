import { createHash, createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, it } from "vitest";
import { decodeHex, encodeHex } from "../bytes/text.ts";
import { hmacSha256, sha256 } from "./sha256.ts";

it("gives the digests that FIPS 180-4 gives as examples", () => {
  const digest = (text: string) => encodeHex(sha256(new TextEncoder().encode(text)));
  expect(digest("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  expect(digest("")).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  expect(digest("a".repeat(1_000_000))).toBe(
    "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
  );
});

it("agrees with Node's own on any bytes, wherever they lie in memory", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(20), (bytes, from) => {
      const part = bytes.subarray(Math.min(from, bytes.length));
      expect(encodeHex(sha256(part))).toBe(createHash("sha256").update(part).digest("hex"));
    }),
    { numRuns: 1_000 },
  );
});

it("agrees with Node's own HMAC for keys of any length", () => {
  const bytes = fc.uint8Array({ maxLength: 200 });
  fc.assert(
    fc.property(bytes, bytes, (key, data) => {
      const expected = createHmac("sha256", key).update(data).digest("hex");
      expect(encodeHex(hmacSha256(key, data))).toBe(expected);
    }),
    { numRuns: 1_000 },
  );
});

it("leaves its input as it was", () => {
  const key = new Uint8Array(70).fill(7);
  const data = new Uint8Array(70).fill(9);
  hmacSha256(key, data);
  expect(key.every((byte) => byte === 7) && data.every((byte) => byte === 9)).toBe(true);
});

interface Case {
  readonly key: string;
  readonly msg: string;
  readonly tag: string;
  readonly result: "valid" | "invalid" | "acceptable";
}

it("passes the Wycheproof vectors of HMAC", () => {
  const file = new URL("../../test/vectors/wycheproof/hmac_sha256.json", import.meta.url);
  const { testGroups }: { testGroups: readonly { readonly tests: readonly Case[] }[] } = JSON.parse(
    readFileSync(file, "utf8"),
  );
  const bytes = (hex: string) => decodeHex(hex) ?? new Uint8Array();
  const cases = testGroups.flatMap(({ tests }) => tests);
  expect(cases.length).toBeGreaterThan(100);
  for (const { key, msg, tag, result } of cases) {
    const mac = encodeHex(hmacSha256(bytes(key), bytes(msg))).slice(0, tag.length);
    if (result === "valid") expect(mac).toBe(tag);
    if (result === "invalid") expect(mac).not.toBe(tag);
  }
});
