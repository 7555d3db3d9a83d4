import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { expect, it } from "vitest";
import { encodeUtf8 } from "../../bytes/text.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { base64Of, readBase64 } from "./base64.ts";

it("writes standard base64 with padding, as the platform does", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const written = String.fromCharCode(...base64Of(bytes));
      expect(written).toBe(btoa(String.fromCharCode(...bytes)));
      expect(readBase64(written)).toEqual(bytes);
    }),
  );
});

it("reads what it wrote with anything between that is no letter", () => {
  const noise = fc.string({ unit: fc.constantFrom("\n", "\r", " ", "-", "_", "!", "\0") });
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.array(noise), (bytes, between) => {
      const letters = [...String.fromCharCode(...base64Of(bytes))];
      const text = letters.map((letter, at) => (between[at] ?? "") + letter).join("");
      expect(readBase64(text)).toEqual(bytes);
    }),
  );
});

it("reads any text as Python 3.11 reads it", () => {
  const letters = [..."AZaz09+/=", "=", "-", "\n", "é"];
  const texts = fc.sample(fc.string({ unit: fc.constantFrom(...letters), maxLength: 12 }), {
    numRuns: 3_000,
    seed: 7,
  });
  expect(texts.map(readOrText)).toEqual(inPython(texts));
});

it.each([undefined, null, 1, 1.5, true, [], {}])("refuses %j in Python's words", (value) => {
  expect(() => readBase64(value)).toThrow("argument should be a bytes-like object or ASCII string");
});

function readOrText(text: string): string {
  try {
    return `bytes ${String.fromCharCode(...readBase64(text))}`;
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(SealwireError);
    return thrown instanceof SealwireError ? thrown.message : "";
  }
}

/** What Python's own decoder makes of them. */
function inPython(texts: readonly string[]): unknown {
  const input = encodeUtf8(JSON.stringify(texts));
  return JSON.parse(execFileSync("/usr/bin/python3", ["-c", PROGRAM], { input, encoding: "utf8" }));
}

const PROGRAM = `
import base64, json, sys
def read(text):
    try:
        return "bytes " + base64.b64decode(text).decode("latin-1")
    except Exception as error:
        return str(error)
print(json.dumps([read(text) for text in json.load(sys.stdin)]))
`;
