import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeHex } from "../../bytes/text.ts";
import { nodeBox } from "../../crypto/providers/node-box.node.ts";
import { decodeZ85, encodeZ85 } from "./z85.ts";

test("writes and reads the example of RFC 32", () => {
  const bytes = decodeHex("864fd26fb559f75b") ?? new Uint8Array(0);
  expect(encodeZ85(bytes)).toBe("HelloWorld");
  expect(decodeZ85("HelloWorld")).toEqual(bytes);
});

// The test keys that the manual of libzmq publishes (zmq_curve).
test.each([
  ["JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6", "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"],
  ["D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs", "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID"],
])("reads a pair of libzmq's keys", (secret, open) => {
  expect(encodeZ85(nodeBox().publicKey(decodeZ85(secret)))).toBe(open);
});

test("gives back what it was given", () => {
  const bytes = fc.uint8Array({ maxLength: 40 }).filter(({ length }) => length % 4 === 0);
  fc.assert(
    fc.property(bytes, (given) => {
      expect(decodeZ85(encodeZ85(given))).toEqual(given);
    }),
  );
});

test.each(["secret", 'bad"!', "#####", "secré"])("refuses %s without showing it", (text) => {
  const refusal = (() => {
    try {
      return decodeZ85(text);
    } catch (error) {
      return error;
    }
  })();
  expect(refusal).toMatchObject({ code: "INVALID_ARGUMENT" });
  expect(String(refusal)).not.toContain(text);
});

test("refuses bytes that do not come by four", () => {
  expect(() => encodeZ85(new Uint8Array(31))).toThrow(
    expect.objectContaining({ code: "INVALID_ARGUMENT" }),
  );
});
