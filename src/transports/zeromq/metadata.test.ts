import fc from "fast-check";
import { expect, test } from "vitest";
import { join } from "../../bytes/join.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { asciiBytes, formatCommand, formatPing, parseCommand, parsePing } from "./commands.ts";
import { formatMetadata, socketTypeIn } from "./metadata.ts";

function property(name: string, value: string): Uint8Array {
  const lengths = Uint8Array.of(0, 0, 0, value.length);
  return join([Uint8Array.of(name.length), asciiBytes(name), lengths, asciiBytes(value)]);
}

test("finds the socket type among other properties, in either case of letters", () => {
  expect(socketTypeIn(formatMetadata("DEALER"))).toBe("DEALER");
  const metadata = [property("X-App", "chat"), property("SOCKET-TYPE", "REQ")];
  expect(socketTypeIn(join(metadata))).toBe("REQ");
});

test.each([
  ["nothing", new Uint8Array(0)],
  ["no socket type", property("Identity", "")],
  ["two of them", join([property("Socket-Type", "REQ"), property("socket-type", "PUB")])],
  ["a name that is cut off", Uint8Array.of(20, 1, 2)],
  ["a value that is cut off", property("Socket-Type", "ROUTER").subarray(0, -1)],
  ["properties without end", join(Array.from({ length: 65 }, () => property("a", "")))],
])("refuses metadata with %s", (_, metadata) => {
  expect(() => socketTypeIn(metadata)).toThrow(
    expect.objectContaining({ code: "PROTOCOL_VIOLATION" }),
  );
});

test("meets garbage with nothing but its own errors", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (garbage) => {
      for (const parse of [socketTypeIn, parseCommand, parsePing]) {
        try {
          parse(garbage);
        } catch (error) {
          expect(error).toBeInstanceOf(SealwireError);
          expect(error).toMatchObject({ code: "PROTOCOL_VIOLATION" });
        }
      }
    }),
  );
});

test("reads a command's name and what follows it", () => {
  const command = parseCommand(formatCommand("PING", Uint8Array.of(1, 2)));
  expect(command).toEqual({ name: "PING", data: Uint8Array.of(1, 2) });
});

test("gives the time to live in tenths of a second, at most what fits", () => {
  expect(parseCommand(formatPing(1_050)).data).toEqual(Uint8Array.of(0, 11));
  expect(parseCommand(formatPing(1e9)).data).toEqual(Uint8Array.of(255, 255));
});

test("answers a PING with its context, of which 16 bytes are allowed", () => {
  const context = asciiBytes("0123456789abcdefghij");
  const { pong, ttlMs } = parsePing(join([Uint8Array.of(1, 0), context]));
  expect(ttlMs).toBe(25_600);
  expect(parseCommand(pong)).toEqual({ name: "PONG", data: context.subarray(0, 16) });
});
