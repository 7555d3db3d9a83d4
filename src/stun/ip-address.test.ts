import { isIP } from "node:net";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ipBytes, ipText, isLocalIp } from "./ip-address.ts";

test.each([
  ["::", "::"],
  ["::1", "::1"],
  ["2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
  ["1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7"],
  ["fe80::", "fe80::"],
  ["192.0.2.1", "192.0.2.1"],
  ["::ffff:192.0.2.1", "::ffff:c000:201"],
])("reads %s and shows it as %s", (text, shown) => {
  expect(ipText(ipBytes(text) ?? new Uint8Array())).toBe(shown);
});

test("keeps every address through text, and the text is one for the system too", () => {
  const address = fc.oneof(
    fc.uint8Array({ minLength: 4, maxLength: 4 }),
    fc.uint8Array({ minLength: 16, maxLength: 16 }),
    fc.array(fc.constantFrom(0, 0, 0, 1), { minLength: 16, maxLength: 16 }),
  );
  fc.assert(
    fc.property(address, (bytes) => {
      const text = ipText(Uint8Array.from(bytes));
      expect(isIP(text)).toBe(bytes.length === 4 ? 4 : 6);
      expect(ipBytes(text)).toEqual(Uint8Array.from(bytes));
    }),
  );
});

test("agrees with the system on what is an address", () => {
  const piece = fc.constantFrom("1", "0", "::", ":", ".", "ff", "256", "12345", "1.2.3.4", "g");
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 10 }), (pieces) => {
      const text = pieces.join("");
      expect(ipBytes(text) !== undefined).toBe(isIP(text) !== 0);
    }),
    { numRuns: 2_000 },
  );
});

test.each(["10.1.2.3", "192.168.0.1", "172.16.0.1", "100.64.0.1", "127.0.0.1", "::1", "fd00::1"])(
  "counts %s as local",
  (host) => expect(isLocalIp(host)).toBe(true),
);

test.each(["198.51.100.1", "172.32.0.1", "100.128.0.1", "2001:db8::1", "example.org"])(
  "does not count %s as local",
  (host) => expect(isLocalIp(host)).toBe(false),
);
