import { expect, test } from "vitest";
import { fixedKeys, PROVIDER } from "../../../test/native/greeting.ts";
import { encodeHex } from "../../bytes/text.ts";
import { bindingOf, joinBytes, prologueOf } from "./channel-keys.ts";
import { hintMatches, makeHint } from "./secret-hint.ts";

const PSK = fixedKeys("psk").secretKey;
const OTHER = fixedKeys("other").secretKey;

test("the prologue holds wire, application and preface so that none can be moved into another", () => {
  const prologue = prologueOf(Uint8Array.of(1, 2), "äb");
  const head = [...new TextEncoder().encode("sealwire/native/1")];
  expect([...prologue]).toEqual([...head, 0, 3, 0xc3, 0xa4, 0x62, 1, 2]);
});

test("a hint fits its own key and no other", () => {
  const hint = makeHint(PROVIDER, PSK);
  expect(hintMatches(PROVIDER, PSK, hint)).toBe(true);
  expect(hintMatches(PROVIDER, OTHER, hint)).toBe(false);
});

test("two hints of one key have nothing in common", () => {
  const [one, two] = [makeHint(PROVIDER, PSK), makeHint(PROVIDER, PSK)];
  expect(encodeHex(one.subarray(0, 16))).not.toBe(encodeHex(two.subarray(0, 16)));
  expect(encodeHex(one.subarray(16))).not.toBe(encodeHex(two.subarray(16)));
});

test("a hint with any byte changed, or of another length, fits nothing", () => {
  const hint = makeHint(PROVIDER, PSK);
  for (let at = 0; at < hint.length; at++) {
    const changed = hint.slice();
    changed[at] = (changed[at] ?? 0) ^ 1;
    expect(hintMatches(PROVIDER, PSK, changed)).toBe(false);
  }
  expect(hintMatches(PROVIDER, PSK, hint.subarray(1))).toBe(false);
  expect(hintMatches(PROVIDER, PSK, new Uint8Array(0))).toBe(false);
});

test("the binding depends on the handshake and does not show its hash", () => {
  const binding = bindingOf(PROVIDER, PSK);
  expect(binding).toHaveLength(32);
  expect(binding).not.toEqual(PSK);
  expect(binding).not.toEqual(bindingOf(PROVIDER, OTHER));
});

test("joins pieces in order", () => {
  expect(joinBytes(Uint8Array.of(1), new Uint8Array(0), Uint8Array.of(2, 3))).toEqual(
    Uint8Array.of(1, 2, 3),
  );
});
