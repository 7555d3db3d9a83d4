import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { failed, ok } from "../../../test/nacl-box/original-client.ts";
import { servedFunctions } from "../../../test/nacl-box/served-functions.ts";
import { encodeUtf8 } from "../../bytes/text.ts";

const here = servedFunctions();

describe("what is malformed gets the error of the original", () => {
  it.each([
    ["hello", "Expecting value: line 1 column 1 (char 0)"],
    ["[]", "'list' object has no attribute 'get'"],
    ["7", "'int' object has no attribute 'get'"],
    ["{}", "'cipher'"],
    ['{"cipher": "AAAA"}', "'client_pubkey'"],
    ['{"cipher": 1, "client_pubkey": 1}', "argument should be a bytes-like object or ASCII string"],
    ['{"type": "HELLO"}', "'client_pubkey'"],
    ['{"type": "HELLO", "client_pubkey": "ä"}', "string argument should contain only ASCII"],
    ['{"type": "HELLO", "client_pubkey": "A"}', "number of data characters (1) cannot be 1 more"],
    ['{"__proto__": {"cipher": ""}}', "__proto__"],
    [`${"[".repeat(100)}`, "deeper than 64"],
  ])("%s", async (body, text) => {
    const answer = await here.client.ask(body);
    expect(JSON.parse(answer.text)).toMatchObject({ status: "error" });
    expect(JSON.parse(answer.text).error).toContain(text);
  });

  it.each([
    ["[]", "list indices must be integers or slices, not str"],
    ['"x"', "string indices must be integers, not 'str'"],
    ["7", "'int' object is not subscriptable"],
    ["{}", "'func'"],
    ["{", "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"],
    ['{"func": []}', "unhashable type: 'list'"],
    ['{"func": 5}', "Funktion 5 nicht gefunden"],
    ['{"func": "ping", "args": 5}', "ping() argument after * must be an iterable, not int"],
    ['{"func": "ping", "kwargs": []}', "ping() argument after ** must be a mapping, not list"],
  ])("%s in a box", async (plain, text) => {
    const answer = await here.client.ask(here.client.envelope(plain));
    expect(answer).toEqual(failed(text));
  });

  it("whatever it is: one answer for each frame, and the next call works", async () => {
    const noise = fc.oneof(
      fc.uint8Array({ maxLength: 80 }),
      fc.json().map(encodeUtf8),
      fc.json().map((plain) => encodeUtf8(here.client.envelope(plain))),
      fc
        .dictionary(fc.constantFrom("type", "client_pubkey", "cipher"), fc.jsonValue())
        .map((value) => encodeUtf8(JSON.stringify(value))),
      fc.tuple(fc.nat(200), fc.integer({ min: 1, max: 255 })).map(([at, by]) => {
        const bytes = encodeUtf8(here.client.envelope({ func: "ping" }));
        bytes[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ by;
        return bytes;
      }),
    );
    await fc.assert(
      fc.asyncProperty(noise, async (bytes) => {
        here.client.send(bytes, here.client.envelope({ func: "ping" }));
        const answer = await here.client.answer();
        expect(answer.text).not.toBe("");
        expect(await here.client.answer()).toEqual(ok("pong"));
      }),
      { numRuns: 500 },
    );
  });
});
