import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeUtf8 } from "../../bytes/text.ts";
import { SealwireError } from "../../core/model/errors.ts";
import {
  formatAlert,
  formatNoise,
  formatPreface,
  type PatternName,
  parseNoise,
  parsePreface,
  recognizesPreface,
} from "./preface.ts";

const PATTERNS: readonly PatternName[] = ["NK", "XK", "XX", "NNpsk0"];
const hintFor = (pattern: PatternName) => new Uint8Array(pattern === "NNpsk0" ? 24 : 0).fill(7);
const code = (expected: string) => expect.objectContaining({ code: expected });
const frameOf = (...bytes: readonly number[]) => Uint8Array.of(0x53, 0x45, 0x41, 0x4c, ...bytes);

describe("preface", () => {
  test.each(PATTERNS)("carries pattern %s, its hint and the first message", (pattern) => {
    const hint = hintFor(pattern);
    const bytes = formatPreface(pattern, hint);
    const frame = Uint8Array.of(...bytes, 1, 2, 3);
    expect(parsePreface(frame)).toEqual({ pattern, hint, bytes, message: Uint8Array.of(1, 2, 3) });
  });

  test("keeps its own copy of the bytes that go into the prologue", () => {
    const frame = Uint8Array.of(...formatPreface("XX", new Uint8Array(0)), 9);
    const { bytes } = parsePreface(frame);
    frame.fill(0);
    expect(bytes).toEqual(formatPreface("XX", new Uint8Array(0)));
  });

  test("refuses another version and another pattern by name", () => {
    expect(() => parsePreface(frameOf(2, 1, 0))).toThrow(code("UNSUPPORTED"));
    expect(() => parsePreface(frameOf(2, 1, 0))).toThrow(/version 2/);
    expect(() => parsePreface(frameOf(1, 9, 0))).toThrow(/pattern 9/);
  });

  test("refuses a hint where none belongs, a missing one and one cut short", () => {
    const refused = code("HANDSHAKE_FAILED");
    expect(() => parsePreface(frameOf(1, 1, 1, 5))).toThrow(refused);
    expect(() => parsePreface(frameOf(1, 4, 0))).toThrow(refused);
    expect(() => parsePreface(frameOf(1, 4, 24, 1, 2))).toThrow(refused);
  });

  test("answers any bytes with a preface or a coded error", () => {
    const garbage = fc.oneof(
      fc.uint8Array({ maxLength: 400 }),
      fc.uint8Array({ maxLength: 60 }).map((rest) => frameOf(1, ...rest)),
    );
    fc.assert(
      fc.property(garbage, (frame) => {
        try {
          expect(PATTERNS).toContain(parsePreface(frame).pattern);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(SealwireError);
          expect(["HANDSHAKE_FAILED", "UNSUPPORTED"]).toContain((thrown as SealwireError).code);
        }
      }),
    );
  });
});

describe("recognizesPreface", () => {
  const whole = formatPreface("NK", new Uint8Array(0));
  const framed = Uint8Array.of(0, 0, 0, 55, ...whole);

  test("waits for four letters, with or without a length before them", () => {
    for (let seen = 0; seen < 4; seen++)
      expect(recognizesPreface(whole.subarray(0, seen))).toBe(undefined);
    expect(recognizesPreface(whole.subarray(0, 4))).toBe(true);
    for (let seen = 0; seen < 8; seen++)
      expect(recognizesPreface(framed.subarray(0, seen))).toBe(undefined);
    expect(recognizesPreface(framed)).toBe(true);
  });

  test("says no to HTTP, TLS, other letters and lengths that no first frame has", () => {
    expect(recognizesPreface(encodeUtf8("GET / HTTP/1.1"))).toBe(false);
    expect(recognizesPreface(Uint8Array.of(0x16, 3, 1))).toBe(false);
    expect(recognizesPreface(encodeUtf8("SEAM"))).toBe(false);
    expect(recognizesPreface(Uint8Array.of(0, 1, 0, 0))).toBe(false);
  });
});

describe("alerts", () => {
  const alertOf = (error: SealwireError) => {
    try {
      return parseNoise(formatAlert(error));
    } catch (thrown) {
      return SealwireError.from(thrown);
    }
  };

  test("tell code and words of the other side, marked as unproven", () => {
    const alert = alertOf(new SealwireError("UNSUPPORTED", "version 7 is unknown"));
    expect(alert).toMatchObject({ code: "UNSUPPORTED" });
    expect(String(alert)).toContain("unproven: version 7 is unknown");
  });

  test("cannot claim codes that only a proven peer may use", () => {
    expect(alertOf(new SealwireError("CANCELLED", "x"))).toMatchObject({
      code: "HANDSHAKE_FAILED",
    });
  });

  test("bring no control characters to a terminal and not more than 512 bytes", () => {
    const alert = alertOf(
      new SealwireError("UNSUPPORTED", `\u001b[2Jred\u202e\n${"x".repeat(9_000)}`),
    );
    expect(String(alert)).not.toMatch(/\p{Cc}|\u202e/u);
    expect(String(alert).length).toBeLessThan(600);
  });

  test("of nonsense is a failed handshake", () => {
    for (const frame of [new Uint8Array(0), Uint8Array.of(7), Uint8Array.of(0, 0xff, 0xfe)]) {
      expect(() => parseNoise(frame)).toThrow(code("HANDSHAKE_FAILED"));
    }
  });
});

test("a later handshake message travels behind its mark", () => {
  expect(formatNoise(Uint8Array.of(5, 6))).toEqual(Uint8Array.of(1, 5, 6));
  expect(parseNoise(Uint8Array.of(1, 5, 6))).toEqual(Uint8Array.of(5, 6));
});
