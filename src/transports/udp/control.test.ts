import fc from "fast-check";
import { expect, test } from "vitest";
import { type Control, formatControl, isControl, parseControl } from "./control.ts";

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const uint32 = fc.integer({ min: 0, max: 0xffff_ffff });
const attempt = bytes(8);
const offer = { attempt, stream: uint32, token: bytes(16) };

const anyControl: fc.Arbitrary<Control> = fc.oneof(
  fc.record({ kind: fc.constant("hello" as const), attempt }),
  fc.record({ kind: fc.constant("challenge" as const), attempt, cookie: bytes(20) }),
  fc.record({ kind: fc.constant("open" as const), ...offer, cookie: bytes(20) }),
  fc.record({ kind: fc.constant("accept" as const), ...offer }),
  fc.record({ kind: fc.constant("refuse" as const), attempt }),
  fc.record({
    kind: fc.constantFrom("ping" as const, "pong" as const, "gone" as const),
    stream: uint32,
    sequence: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    nonce: bytes(8),
    epoch: uint32,
    received: fc.maxSafeNat(),
    arrived: fc.maxSafeNat(),
    proof: bytes(16),
  }),
);

test("keeps every datagram through format and parse", () => {
  fc.assert(
    fc.property(anyControl, (control) => {
      const formatted = formatControl(control);
      expect(isControl(formatted)).toBe(true);
      expect(parseControl(formatted)).toEqual(control);
    }),
  );
});

test("refuses every datagram that is cut short or goes on", () => {
  fc.assert(
    fc.property(anyControl, fc.nat(80), (control, length) => {
      const whole = formatControl(control);
      const other = new Uint8Array(length);
      other.set(whole.subarray(0, length));
      if (length !== whole.length) expect(parseControl(other)).toBeUndefined();
    }),
  );
});

test("refuses an opening that was damaged on its way", () => {
  fc.assert(
    fc.property(anyControl, fc.nat(), fc.nat(7), (control, place, bit) => {
      if ("proof" in control) return;
      const damaged = formatControl(control);
      const at = place % damaged.length;
      damaged[at] = (damaged[at] ?? 0) ^ (1 << bit);
      expect(parseControl(damaged)).toBeUndefined();
    }),
  );
});

test("takes garbage for nothing, and never throws", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.boolean(), (garbage, marked) => {
      const datagram = marked ? Uint8Array.of(0x53, 0x57, 0x75, 0x01, ...garbage) : garbage;
      parseControl(datagram);
      if (!marked) expect(isControl(datagram)).toBe(false);
    }),
  );
});

test("answers of the side that listens are shorter than what asked for them", () => {
  const some = { attempt: new Uint8Array(8), stream: 1, token: new Uint8Array(16) };
  const cookie = new Uint8Array(20);
  const hello = formatControl({ kind: "hello", attempt: some.attempt });
  const open = formatControl({ kind: "open", ...some, cookie });
  const challenge = formatControl({ kind: "challenge", attempt: some.attempt, cookie });
  const accept = formatControl({ kind: "accept", ...some });
  const refuse = formatControl({ kind: "refuse", attempt: some.attempt });
  expect(challenge.length).toBeLessThan(hello.length);
  expect(Math.max(accept.length, refuse.length)).toBeLessThan(open.length);
});

test("cannot be mistaken for STUN or for packets of udx", () => {
  const [first = 0] = formatControl({ kind: "hello", attempt: new Uint8Array(8) });
  expect(first >> 6).not.toBe(0);
  expect(first).not.toBe(0xff);
});
