import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeHex, encodeHex } from "../bytes/text.ts";
import { parseXorAddress } from "./address-value.ts";
import { ATTRIBUTE, attributeOf, formatStun, isStun, parseStun } from "./message.ts";

const VECTORS = JSON.parse(
  readFileSync(new URL("../../test/vectors/stun/rfc5769.json", import.meta.url), "utf8"),
);
const bytesOf = (hex: string) => decodeHex(hex) ?? new Uint8Array();
const transaction = Uint8Array.from({ length: 12 }, (_, at) => at);

describe("the vectors of RFC 5769", () => {
  test("reads the request", () => {
    const message = parseStun(bytesOf(VECTORS.request.bytes));
    expect(message?.kind).toBe("request");
    expect(encodeHex(message?.transaction ?? new Uint8Array())).toBe("b7e7a701bc34d686fa87dfae");
    expect(message?.attributes.map(({ type }) => type)).toEqual([0x8022, 0x24, 0x8029, 0x06, 0x08]);
  });

  test.each(["answerIpv4", "answerIpv6"])("finds the address in %s", (name) => {
    const { bytes, host, port } = VECTORS[name];
    const message = parseStun(bytesOf(bytes));
    const value = message && attributeOf(message, ATTRIBUTE.xorMappedAddress);
    const address = value && message && parseXorAddress(value, message.transaction);
    expect(address).toEqual({ host, port });
  });
});

test("writes the fingerprint of the vectors", () => {
  const original = bytesOf(VECTORS.answerIpv6.bytes);
  const message = parseStun(original);
  const again = message && formatStun(message);
  // Padding of values is free; the original pads with spaces.
  expect(again?.length).toBe(original.length);
  expect(parseStun(again ?? new Uint8Array())?.attributes).toEqual(message?.attributes);
});

test("keeps any attributes through format and parse", () => {
  const attribute = fc.record({
    type: fc.integer({ min: 0, max: 0xffff }).filter((type) => type !== ATTRIBUTE.fingerprint),
    value: fc.uint8Array({ maxLength: 40 }),
  });
  const kind = fc.constantFrom("request", "indication", "success", "error");
  fc.assert(
    fc.property(kind, fc.array(attribute, { maxLength: 20 }), fc.boolean(), (k, list, marked) => {
      const message = { kind: k, transaction, attributes: list } as const;
      expect(parseStun(formatStun(message, marked))).toEqual(message);
    }),
  );
});

test("takes garbage for nothing, and never throws", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 1_500 }), (bytes) => !isStun(bytes)));
});

test("notices every change of a message with a fingerprint, unless it hides the fingerprint", () => {
  const bytes = bytesOf(VECTORS.answerIpv4.bytes);
  const unnoticed = new Set<number>();
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const changed = bytes.slice();
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    if (parseStun(changed) !== undefined) unnoticed.add(bit >> 3);
  }
  // Its own type, and lengths of what stands before it, which then reach to the end.
  expect([...unnoticed]).toEqual([39, 51, bytes.length - 8, bytes.length - 7]);
});

test("never throws, however a message is damaged", () => {
  const bytes = bytesOf(VECTORS.request.bytes);
  const damage = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { maxLength: 6 });
  fc.assert(
    fc.property(damage, fc.nat(bytes.length), (changes, length) => {
      const damaged = bytes.slice(0, length);
      for (const [at, byte] of changes) damaged[at] = byte;
      parseStun(damaged);
    }),
  );
});

test("refuses more attributes than anybody needs", () => {
  const attributes = Array.from({ length: 33 }, () => ({ type: 0xfff0, value: new Uint8Array() }));
  const bytes = formatStun({ kind: "request", transaction, attributes }, false);
  expect(parseStun(bytes)).toBeUndefined();
});
