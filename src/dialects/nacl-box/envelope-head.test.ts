import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeUtf8 } from "../../bytes/text.ts";
import { pythonJson } from "../../codecs/python-json.ts";
import { readBase64 } from "./base64.ts";
import { EnvelopeHead } from "./envelope-head.ts";
import { parseRequest } from "./messages.ts";

const json = pythonJson();
const KEY = `${"A".repeat(43)}=`;
const spaced = (cipher: string) =>
  encodeUtf8(`{"type": "RPC", "client_pubkey": "${KEY}", "cipher": "${cipher}"}`);

describe("an envelope that begins like the one before", () => {
  it.each([
    ["spaces", spaced],
    ["none", (cipher: string) => encodeUtf8(JSON.stringify({ client_pubkey: KEY, cipher }))],
  ])("says what its JSON says, written with %s", (_, write) => {
    const heads = learnt(write("AAAA"));
    fc.assert(
      fc.property(fc.base64String(), (cipher) => {
        const read = heads.read(write(cipher));
        expect(read).toEqual({
          type: "RPC",
          clientKey: readBase64(KEY),
          cipher: readBase64(cipher),
        });
      }),
    );
  });

  it("is parsed when anything in it is not as it was", () => {
    const heads = learnt(spaced("AAAA"));
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 255 }), (at, by) => {
        const frame = spaced("QUJDRA==");
        frame[at % frame.length] = (frame[at % frame.length] ?? 0) ^ by;
        const read = heads.read(frame);
        if (!read) return;
        // What is taken without a look is what a look would have found.
        const parsed = parseRequest(frame, json);
        if (parsed.type === "HELLO") throw new Error("taken for a HELLO");
        expect(read).toEqual({ ...parsed, cipher: readBase64(parsed.cipher) });
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ["an escape", spaced("AA\\u0041A")],
    ["a line break that Python skips", spaced("AAAA\\nAAAA")],
    ["another end", encodeUtf8(`{"client_pubkey": "${KEY}", "cipher": "AAAA" }`)],
    ["another last field", encodeUtf8(`{"cipher": "AAAA", "client_pubkey": "${KEY}"}`)],
  ])("is parsed with %s", (_, frame) => {
    const heads = new EnvelopeHead();
    const parsed = parseRequest(frame, json);
    if (parsed.type !== "HELLO") heads.remember(frame, parsed);
    expect(heads.read(frame)).toBeUndefined();
  });
});

function learnt(frame: Uint8Array): EnvelopeHead {
  const heads = new EnvelopeHead();
  const parsed = parseRequest(frame, json);
  if (parsed.type !== "HELLO") heads.remember(frame, parsed);
  return heads;
}
