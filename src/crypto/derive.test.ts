import { expect, test } from "vitest";
import { encodeHex } from "../bytes/text.ts";
import { hkdf } from "./derive.ts";
import { nobleCrypto } from "./providers/noble.ts";
import { stretch } from "./stretch.ts";

const provider = nobleCrypto();

test("what a key is for and the salt change what HKDF gives", () => {
  const key = new Uint8Array(32);
  const plain = hkdf(provider, { key });
  expect(plain).toHaveLength(32);
  expect(hkdf(provider, { key, info: "a" })).not.toEqual(plain);
  expect(hkdf(provider, { key, salt: Uint8Array.of(1) })).not.toEqual(plain);
});

test("stretching is scrypt with 32768, 8 and 1", async () => {
  const { scryptSync } = await import("node:crypto");
  const options = { N: 32_768, r: 8, p: 1, maxmem: 64 * 1024 * 1024 };
  const expected = scryptSync("password", "salt", 32, options);
  expect(encodeHex(await stretch("password", "salt"))).toBe(encodeHex(expected));
});

test("a text is stretched to the same however its accents are composed", async () => {
  expect(await stretch("e\u0301", "salt")).toEqual(await stretch("\u00e9", "salt"));
});
