import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { met } from "../../../test/zeromq/raw-peer.ts";
import { join } from "../../bytes/join.ts";
import { encodeUtf8 } from "../../bytes/text.ts";
import { SealwireError } from "../../core/model/errors.ts";
import type { ZmtpChannel } from "./channel.ts";
import { commandFrame, formatCommand } from "./commands.ts";
import { bodyHeader, COMMAND, frameHeader, MORE } from "./frames.ts";

const open: ZmtpChannel[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((channel) => channel.close()));
});

async function pair(...args: Parameters<typeof met>): ReturnType<typeof met> {
  const both = await met(...args);
  open.push(both.channel);
  return both;
}

const request = (body: string) => join([bodyHeader(body.length), encodeUtf8(body)]);
const part = (body: string, flags = 0) => join([frameHeader(flags, body.length), encodeUtf8(body)]);
const ping = (ttl: number, context: string) =>
  commandFrame(formatCommand("PING", Uint8Array.of(ttl >> 8, ttl), encodeUtf8(context)));
const pong = (context: string) => commandFrame(formatCommand("PONG", encodeUtf8(context)));

async function bodies(channel: ZmtpChannel, count: number): Promise<string[]> {
  const chunks = channel[Symbol.asyncIterator]();
  const all: string[] = [];
  while (all.length < count) all.push(new TextDecoder().decode((await chunks.next()).value));
  return all;
}

test("bodies arrive in order, whatever stands around them and however it is cut", async () => {
  const { channel, raw } = await pair();
  const stream = join([
    request("one"),
    ping(0, ""),
    part("a", MORE),
    part("b", MORE),
    ping(0, "within"),
    part("c"),
    part("alone"),
    commandFrame(formatCommand("SUBSCRIBE", encodeUtf8("news"))),
    request("two"),
  ]);
  for (const byte of stream) raw.write(Uint8Array.of(byte));
  expect(await bodies(channel, 4)).toEqual(["one", "", "", "two"]);
});

test("a PING is answered with its context, though nobody reads", async () => {
  const { raw } = await pair();
  raw.write(ping(0, "abc"), ping(0, ""));
  const expected = join([pong("abc"), pong("")]);
  expect(await raw.read(expected.length)).toEqual(expected);
});

test("chunks of one write leave as messages of their own", async () => {
  const { channel, raw } = await pair();
  channel.write(["", "x".repeat(300), "y"].map(encodeUtf8));
  const expected = join(["", "x".repeat(300), "y"].map(request));
  expect(await raw.read(expected.length)).toEqual(expected);
});

describe("the iteration throws", () => {
  test.each([
    [
      "a message larger than allowed",
      join([bodyHeader(5_000), new Uint8Array(5_000)]),
      "TOO_LARGE",
    ],
    ["parts that are too large together", repeated(part("x".repeat(300), MORE), 4), "TOO_LARGE"],
    ["a message without end", repeated(part("", MORE), 20), "TOO_LARGE"],
    ["flags that mean nothing", Uint8Array.of(0x80, 0), "PROTOCOL_VIOLATION"],
    ["a command without a name", commandFrame(new Uint8Array(0)), "PROTOCOL_VIOLATION"],
    ["a PING that is cut off", commandFrame(formatCommand("PING")), "PROTOCOL_VIOLATION"],
  ])("on %s, and the peer is cut off", async (_, sent, code) => {
    const { channel, raw } = await pair({ maxMessageBytes: 1_000, maxParts: 10 });
    raw.write(request("before"), sent);
    expect(await bodies(channel, 1)).toEqual(["before"]);
    await expect(channel[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code });
    await expect(raw.read(1)).rejects.toMatchObject({ code: "UNAVAILABLE" });
  });

  test.each([
    ["a frame", request("cut").subarray(0, -1)],
    ["a message", part("", MORE)],
  ])("when the peer ends within %s", async (_, sent) => {
    const { channel, raw } = await pair();
    raw.write(sent);
    void raw.channel.close();
    await expect(channel[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: "UNAVAILABLE",
    });
  });

  test("only its own errors on garbage", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 200 }), async (garbage) => {
        const { channel, raw } = await pair();
        raw.write(garbage);
        void raw.channel.close();
        // Two zeros are no garbage, but an empty message.
        await drained(channel).catch((thrown: unknown) => {
          expect(thrown).toBeInstanceOf(SealwireError);
        });
      }),
      { numRuns: 50 },
    );
  });
});

test("hundreds of thousands of tiny messages at once are taken as they are wanted", async () => {
  const { channel, raw } = await pair();
  const count = 300_000;
  raw.write(new Uint8Array(2 * count));
  void raw.channel.close();
  expect(await drained(channel)).toBe(count);
});

test("who asks and does not read the answers is not read any more", async () => {
  const { raw } = await pair();
  const asking = repeated(ping(0, "0123456789abcdef"), 1_000);
  let written = 0;
  // Without a bound, the answers to 64 MB of questions would lie in memory here.
  for (; written < 64_000_000; written += asking.length) {
    const room = raw.channel.write([asking]);
    if (room === undefined) continue;
    if ((await Promise.race([room, nothingMoves()])) === "still") break;
  }
  expect(written).toBeLessThan(8_000_000);
});

test("a peer of ZMTP 3.0 is not asked for signs of life, which it does not know", async () => {
  const { channel, raw } = await pair({ heartbeatMs: 5 }, 0);
  await nothingMoves();
  channel.write([encodeUtf8("first")]);
  expect(await raw.read(9)).toEqual(request("first"));
});

test("a peer is asked with the time for which we may be silent ourselves", async () => {
  const { raw } = await pair({ heartbeatMs: 100 });
  // 3 intervals, in tenths of a second.
  const asked = join([frameHeader(COMMAND, 7), encodeUtf8("\x04PING\x00\x03")]);
  expect(await raw.read(asked.length)).toEqual(asked);
});

test("what is written after the end is dropped and given back", async () => {
  const { channel } = await pair();
  await channel.close();
  await new Promise<void>((resolve) => channel.write([encodeUtf8("late")], resolve));
});

/** Reads to the end; gives the number of bodies. */
async function drained(channel: ZmtpChannel): Promise<number | undefined> {
  let count = 0;
  for await (const _ of channel) count += 1;
  return count;
}

function repeated(bytes: Uint8Array, times: number): Uint8Array {
  return join(Array.from({ length: times }, () => bytes));
}

/** So many turns that whatever could go on has done so. */
async function nothingMoves(): Promise<"still"> {
  for (let turn = 0; turn < 30; turn++) await new Promise((resolve) => setTimeout(resolve, 1));
  return "still";
}
