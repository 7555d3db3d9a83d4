import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readVectors } from "../../../test/vectors/read-vectors.ts";
import { meet, ready } from "../../../test/zeromq/raw-peer.ts";
import { decodeHex, encodeHex } from "../../bytes/text.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { commandFrame, formatError } from "./commands.ts";
import { formatGreeting, GREETING_BYTES } from "./greeting.ts";
import type { SocketType } from "./metadata.ts";

interface Connection {
  readonly streams: readonly { readonly direction: string; readonly stream_hex: string }[];
}

const { streams } = readVectors<Connection>("./zeromq/connection.json");
const [fromClient, fromServer] = streams.map(({ stream_hex }) => bytes(stream_hex));
/** The answer in the recording: its last frame, behind its header. */
const ANSWER_BYTES = 30;
/** Ours, with its header. */
const READY_BYTES = ready().length;

function bytes(hex: string): Uint8Array {
  const decoded = decodeHex(hex);
  if (decoded === undefined) throw new Error("no hex");
  return decoded;
}

function pieces(all: Uint8Array, places: readonly number[]): Uint8Array[] {
  const ends = [...places.map((place) => place % all.length), all.length].sort((a, b) => a - b);
  return ends.map((end, i) => all.slice(ends[i - 1] ?? 0, end));
}

describe("the recorded connection of libzmq", () => {
  test("is served with the same bytes, however it is cut", async () => {
    const cuts = fc.array(fc.nat(), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(cuts, async (places) => {
        const { greeted, raw } = meet();
        raw.write(...pieces(fromClient ?? bytes(""), places));
        const channel = await greeted;
        const { value } = await channel[Symbol.asyncIterator]().next();
        expect(value).toEqual(fromClient?.slice(-82));
        channel.write([fromServer?.slice(-ANSWER_BYTES) ?? bytes("")]);
        const all = await raw.read(fromServer?.length ?? 0);
        expect(encodeHex(all)).toBe(streams[1]?.stream_hex);
        await channel.close();
      }),
      { numRuns: 50 },
    );
  });

  test("is served although each byte comes alone", async () => {
    const { greeted, raw } = meet();
    for (const byte of fromClient ?? []) raw.write(Uint8Array.of(byte));
    const channel = await greeted;
    const { value } = await channel[Symbol.asyncIterator]().next();
    expect(value).toEqual(fromClient?.slice(-82));
    await channel.close();
  });

  test("is answered to as a client by what the server wrote", async () => {
    const { greeted, raw } = meet("DEALER");
    raw.write(fromServer ?? bytes(""));
    const channel = await greeted;
    const { value } = await channel[Symbol.asyncIterator]().next();
    expect(value).toEqual(fromServer?.slice(-ANSWER_BYTES));
    await channel.close();
  });
});

test("our greeting leaves before anything of the peer's has come", async () => {
  const { raw, abort } = meet();
  expect(await raw.read(GREETING_BYTES)).toEqual(formatGreeting("NULL", false));
  abort.abort();
});

test("a client gives its channel, for messages, only after the server's READY", async () => {
  const { greeted, raw } = meet("DEALER");
  raw.write(formatGreeting("NULL", false));
  // Its greeting and READY have left; nothing more does until the server's READY is there.
  await raw.read(GREETING_BYTES + READY_BYTES);
  raw.write(ready("ROUTER"));
  const channel = await greeted;
  channel.write([Uint8Array.of(5)]);
  expect(await raw.read(5)).toEqual(Uint8Array.of(1, 0, 0, 1, 5));
  await channel.close();
});

test.each([
  ["ZMTP 3.0", 0],
  ["a version yet to come", 9],
])("%s is spoken with", async (_, minor) => {
  const { greeted, raw } = meet();
  const greeting = formatGreeting("NULL", false);
  greeting[11] = minor;
  raw.write(greeting, ready());
  await (await greeted).close();
});

/** A greeting in which one byte is another. */
function greetingWith(at: number, byte: number): Uint8Array {
  const greeting = formatGreeting("NULL", false);
  greeting[at] = byte;
  return greeting;
}

const text = (words: string) => new TextEncoder().encode(words);
const message = Uint8Array.of(0, 1, 7);

describe("a peer is closed with a reason when it sends", () => {
  test.each([
    ["ZMTP 1", Uint8Array.of(1, 0), "ZMTP 1"],
    ["ZMTP 2, as soon as it says so", greetingWith(10, 1).subarray(0, 11), "ZMTP 1"],
    ["a request of HTTP", text("GET / HTTP/1.1\r\n"), "something else"],
    ["something that begins like ZMTP", greetingWith(9, 0).subarray(0, 10), "something else"],
    ["another mechanism", formatGreeting("CURVE", false), "the mechanism CURVE"],
    ["a mechanism nobody knows", greetingWith(14, 0), "the mechanism NU?L,"],
  ])("%s", async (_, sent, why) => {
    const { greeted, raw } = meet();
    raw.write(sent);
    await expect(greeted).rejects.toMatchObject({
      code: "HANDSHAKE_FAILED",
      message: expect.stringContaining(why),
    });
    expect(await ended(raw.read(1_000))).toBe(true);
  });

  test.each([
    ["a message before the greeting is over", message, "PROTOCOL_VIOLATION"],
    ["another command", commandFrame(text("\x05HELLO")), "PROTOCOL_VIOLATION"],
    ["no command at all", commandFrame(new Uint8Array(0)), "PROTOCOL_VIOLATION"],
    ["READY without a socket type", commandFrame(text("\x05READY")), "PROTOCOL_VIOLATION"],
    ["a READY of 100 MiB", Uint8Array.of(6, 0, 0, 0, 0, 6, 64, 0, 0), "TOO_LARGE"],
    ["a reason of its own", commandFrame(formatError("go away")), "HANDSHAKE_FAILED"],
  ])("%s", async (_, sent, code) => {
    const { greeted, raw } = meet();
    raw.write(formatGreeting("NULL", false), sent);
    await expect(greeted).rejects.toMatchObject({ code });
    expect(await ended(raw.read(1_000))).toBe(true);
  });

  test("garbage", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 200 }), async (garbage) => {
        const { greeted, raw } = meet();
        raw.write(formatGreeting("NULL", false), garbage);
        void raw.channel.close();
        const error = await greeted.catch((thrown: unknown) => thrown);
        expect(error).toBeInstanceOf(SealwireError);
      }),
      { numRuns: 50 },
    );
  });
});

/** A publisher that announces itself as what it is. */
function readyAs(socketType: string): Uint8Array {
  return ready(socketType as SocketType);
}

test.each(["PUB", "SUB", "REP", "PUSH", "PAIR", "rubbish"])(
  "a %s is told that it is no partner of a ROUTER",
  async (socketType) => {
    const { greeted, raw } = meet();
    raw.write(formatGreeting("NULL", false), readyAs(socketType));
    const reason = formatError("Invalid socket type");
    const told = await raw.read(GREETING_BYTES + READY_BYTES + 2 + reason.length);
    expect(told.slice(-reason.length)).toEqual(reason);
    void raw.channel.close();
    await expect(greeted).rejects.toMatchObject({ code: "HANDSHAKE_FAILED" });
  },
);

test.each(["REQ", "DEALER", "ROUTER"])("a %s is welcome at a ROUTER", async (socketType) => {
  const { greeted, raw } = meet();
  raw.write(formatGreeting("NULL", false), readyAs(socketType));
  await (await greeted).close();
});

test.each([1, 10, 63, GREETING_BYTES])(
  "a greeting of which %i bytes come ends when its time is up",
  async (count) => {
    const { greeted, raw } = meet("ROUTER", { handshakeTimeoutMs: 20 });
    raw.write(formatGreeting("NULL", false).subarray(0, count));
    await expect(greeted).rejects.toMatchObject({
      code: "HANDSHAKE_FAILED",
      message: expect.stringContaining("within 20 ms"),
    });
  },
);

test("a greeting ends when nobody wants it any more", async () => {
  const { greeted, abort } = meet("DEALER");
  abort.abort(new SealwireError("CANCELLED", "changed my mind"));
  await expect(greeted).rejects.toMatchObject({ code: "CANCELLED", message: "changed my mind" });
});

test("a peer that leaves within its greeting is told apart from one that refuses", async () => {
  const { greeted, raw } = meet("DEALER");
  raw.write(formatGreeting("NULL", false));
  void raw.channel.close();
  await expect(greeted).rejects.toMatchObject({
    code: "HANDSHAKE_FAILED",
    details: { unproven: true },
    message: expect.stringContaining("closed during the greeting"),
  });
});

/** Whether reading comes to an end, one way or the other. */
async function ended(reading: Promise<Uint8Array>): Promise<boolean> {
  return reading.then(
    () => true,
    () => true,
  );
}
