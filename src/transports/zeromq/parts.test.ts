import { expect, test } from "vitest";
import { MORE } from "./frames.ts";
import { Parts } from "./parts.ts";

const LIMITS = { maxMessageBytes: 100, maxParts: 4 };
const NONE = new Uint8Array(0);

function bodyOf(...message: readonly Uint8Array[]): Uint8Array | undefined {
  const parts = new Parts(LIMITS);
  const last = message.length - 1;
  return message.map((part, i) => parts.take(part, i < last ? MORE : 0)).at(-1);
}

test("leaves the body of a delimiter and a body, whatever the delimiter holds", () => {
  expect(bodyOf(NONE, Uint8Array.of(1))).toEqual(Uint8Array.of(1));
  expect(bodyOf(Uint8Array.of(9), Uint8Array.of(1))).toEqual(Uint8Array.of(1));
});

test.each([
  ["only a body", [Uint8Array.of(1)]],
  ["three parts", [NONE, Uint8Array.of(1), Uint8Array.of(2)]],
  ["four parts", [NONE, NONE, NONE, Uint8Array.of(1)]],
])("leaves an empty body of %s", (_, message) => {
  expect(bodyOf(...message)).toEqual(NONE);
});

test("forgets a message when it is over", () => {
  const parts = new Parts(LIMITS);
  parts.take(Uint8Array.of(1), 0);
  expect(parts.unfinished).toBe(false);
  parts.take(NONE, MORE);
  expect(parts.unfinished).toBe(true);
  expect(parts.take(Uint8Array.of(2), 0)).toEqual(Uint8Array.of(2));
});

test("refuses a message that grows too large in small parts, or too long", () => {
  const large = new Uint8Array(51);
  expect(() => bodyOf(large, large)).toThrow(
    expect.objectContaining({ code: "TOO_LARGE", message: expect.stringContaining("102 bytes") }),
  );
  expect(() => bodyOf(NONE, NONE, NONE, NONE, NONE)).toThrow(
    expect.objectContaining({ code: "TOO_LARGE", message: expect.stringContaining("maxParts") }),
  );
});
