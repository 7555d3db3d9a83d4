import { Buffer } from "node:buffer";
import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeBase64, encodeBase64Url } from "./encode-base64.ts";
import {
  decodeBase64,
  decodeBase64Url,
  decodeHex,
  decodeUtf8,
  encodeHex,
  encodeUtf8,
} from "./text.ts";

test("text comes back from UTF-8 as it was", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => decodeUtf8(encodeUtf8(text)) === text),
  );
});

test("a byte order mark survives UTF-8", () => {
  expect(decodeUtf8(encodeUtf8("\uFEFFa"))).toBe("\uFEFFa");
});

test("bytes that are not UTF-8 are no text", () => {
  for (const bytes of [[0xff], [0xc3], [0xc0, 0x80], [0xed, 0xa0, 0x80]]) {
    expect(decodeUtf8(Uint8Array.from(bytes))).toBeUndefined();
  }
});

test("hex, base64 and base64url are those of the platform", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(encodeHex(bytes)).toBe(Buffer.from(bytes).toString("hex"));
      expect(encodeBase64(bytes)).toBe(Buffer.from(bytes).toString("base64"));
      expect(encodeBase64Url(bytes)).toBe(Buffer.from(bytes).toString("base64url"));
    }),
  );
});

test("bytes come back from hex, base64 and base64url as they were", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(decodeHex(encodeHex(bytes))).toEqual(bytes);
      expect(decodeHex(encodeHex(bytes).toUpperCase())).toEqual(bytes);
      expect(decodeBase64(encodeBase64(bytes))).toEqual(bytes);
      expect(decodeBase64Url(encodeBase64Url(bytes))).toEqual(bytes);
    }),
  );
});

test("whatever text is decoded has no second spelling", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const plain = decodeBase64(text);
      const url = decodeBase64Url(text);
      expect(plain === undefined || encodeBase64(plain) === text).toBe(true);
      expect(url === undefined || encodeBase64Url(url) === text).toBe(true);
    }),
  );
});

test("malformed hex and base64 are refused", () => {
  for (const text of ["0", "0g", " 00", "00 "]) expect(decodeHex(text)).toBeUndefined();
  for (const text of ["A", "AA", "AA=", "AB==", "AAA", "A===", "AA==A", "AA= ", "A-==", "ÄÄ=="]) {
    expect(decodeBase64(text)).toBeUndefined();
  }
  for (const text of ["A", "AB", "AA==", "A+", "A A"])
    expect(decodeBase64Url(text)).toBeUndefined();
});
