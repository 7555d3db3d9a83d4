import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { channelFrom, channelTo } from "../../../test/native/channels.ts";
import {
  ANN,
  API_KEY,
  acceptorOf,
  dialectOf,
  type GreetingCase,
  greet,
  initiatorOf,
  type Outcome,
  SECRET,
  TOKEN,
  tryToGreet,
} from "../../../test/native/greeting.ts";
import { type Tap, wirePair } from "../../../test/native/wires.ts";
import { type ErrorCode, SealwireError } from "../../core/model/errors.ts";
import type { GreetingMap } from "./greeting-fields.ts";

const CODES: readonly ErrorCode[] = [
  "HANDSHAKE_FAILED",
  "RECORD_REJECTED",
  "PROTOCOL_VIOLATION",
  "TOO_LARGE",
  "UNSUPPORTED",
  "UNAUTHENTICATED",
];

const WAYS: readonly (readonly [string, GreetingCase])[] = [
  ["NK with a token", { credentials: { scheme: "token", token: TOKEN } }],
  ["XK with an API key", { credentials: { scheme: "api-key", key: API_KEY } }],
  ["XX", { serverKeys: [], credentials: { scheme: "key-pair", secretKey: ANN.secretKey } }],
  ["NNpsk0", { credentials: { scheme: "secret", secret: SECRET } }],
];

/** Somebody gave up, with a code that a greeting may have. */
function expectRefused({ client, server }: Outcome): void {
  const errors = [client, server].filter((each) => each instanceof SealwireError);
  expect(errors.length).toBeGreaterThan(0);
  for (const { code } of errors) expect(CODES).toContain(code);
}

/** Changes the frame with this number, counted over both sides, and no other. */
function changing(nth: number, change: (frame: Uint8Array) => readonly Uint8Array[]): Tap {
  let seen = 0;
  return (frame) => (seen++ === nth ? change(frame) : [frame]);
}

describe.each(WAYS)("a greeting by %s", (_, given) => {
  test("fails with a code when any bit of any frame is changed", async () => {
    const { written } = await greet(given);
    const places = written.flatMap(({ bytes }, frame) =>
      [...bytes.keys()].map((byte) => ({ frame, byte })),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...places),
        fc.integer({ min: 0, max: 7 }),
        async ({ frame, byte }, bit) => {
          const flip = (bytes: Uint8Array) => {
            bytes[byte] = (bytes[byte] ?? 0) ^ (1 << bit);
            return [bytes];
          };
          expectRefused(await tryToGreet({ ...given, tap: changing(frame, flip) }));
        },
      ),
      { numRuns: 60 },
    );
  });

  test("fails with a code when a frame is cut, lengthened or replaced", async () => {
    const { written } = await greet(given);
    const changes = fc.oneof(
      fc.nat(60).map((bytes) => (frame: Uint8Array) => [frame.subarray(0, -1 - bytes)]),
      fc
        .uint8Array({ minLength: 1, maxLength: 50 })
        .map((more) => (frame: Uint8Array) => [Uint8Array.of(...frame, ...more)]),
      fc.uint8Array({ maxLength: 200 }).map((other) => () => [other]),
    );
    await fc.assert(
      fc.asyncProperty(fc.nat(written.length - 1), changes, async (frame, change) => {
        expectRefused(await tryToGreet({ ...given, tap: changing(frame, change) }));
      }),
      { numRuns: 60 },
    );
  });

  test("fails with a code when a frame comes twice, before its time or from another greeting", async () => {
    const { written: other } = await greet(given);
    // After the last frame of each side nothing more is read in the greeting.
    for (let nth = 0; nth < other.length - 2; nth++) {
      const again = (frame: Uint8Array) => [frame, frame.slice()];
      const replay = () => [other[nth]?.bytes.slice() ?? new Uint8Array(0)];
      const next = () => [other[nth + 1]?.bytes.slice() ?? new Uint8Array(0)];
      for (const change of [again, replay, next]) {
        expectRefused(await tryToGreet({ ...given, tap: changing(nth, change) }));
      }
    }
  });

  test("fails with a code when the other side hears its own frames", async () => {
    const frames: Uint8Array[] = [];
    const reflecting: Tap = (frame, from) => {
      if (from === "client") frames.push(frame.slice());
      return from === "client" ? [frame] : [frames.at(-1) ?? frame];
    };
    expectRefused(await tryToGreet({ ...given, tap: reflecting }));
  });
});

const HELLO: GreetingMap = { maxFrameBytes: 65_536, features: [], scheme: "anonymous" };

describe("a server answers with a sealed refusal", () => {
  test.each<[string, unknown]>([
    ["no map", [1, 2]],
    ["an empty map", {}],
    ["no frame size", { ...HELLO, maxFrameBytes: "65536" }],
    ["a frame size below 1,024", { ...HELLO, maxFrameBytes: 1_023 }],
    ["a frame size without end", { ...HELLO, maxFrameBytes: Infinity }],
    ["a frame size that is no number", { ...HELLO, maxFrameBytes: Number.NaN }],
    ["no features", { ...HELLO, features: undefined }],
    ["features that are no list", { ...HELLO, features: { length: 1 } }],
    ["features that cannot become text", { ...HELLO, features: [{ toString: 1 }] }],
    ["no scheme", { ...HELLO, scheme: null }],
    ["an unknown scheme", { ...HELLO, scheme: "constructor" }],
    ["a token that is bytes", { ...HELLO, scheme: "token", token: new Uint8Array(9) }],
    ["a proof of a key that nobody showed", { ...HELLO, scheme: "public-key" }],
    ["a password without a user", { ...HELLO, scheme: "password", user: 1 }],
    ["a password without a beginning", { ...HELLO, scheme: "password", user: "eve" }],
  ])("to %s", async (_, map) => {
    const pair = wirePair();
    const accepting = dialectOf().accept(pair.server, await acceptorOf());
    const refused = accepting.catch((thrown: unknown) => thrown);
    const channel = await channelTo(pair.client);
    await channel.say(map as GreetingMap);
    const heard = Array.isArray(map) ? undefined : await channel.hear().catch((error) => error);
    const error = await refused;
    expect(error).toBeInstanceOf(SealwireError);
    expect(CODES).toContain((error as SealwireError).code);
    if (!Array.isArray(map)) expect(CODES).toContain(heard.code);
  });

  test("to records that are no greeting, and to garbage inside one", async () => {
    for (const [type, content] of [
      [0, Uint8Array.of(0x90)],
      [1, new Uint8Array(5_000)],
      [3, Uint8Array.of(0xc1)],
      [3, new Uint8Array(0)],
      [3, new Uint8Array(9_000).fill(0x91)],
      [3, Uint8Array.of(0xdd, 0xff, 0xff, 0xff, 0xff)],
    ] as const) {
      const pair = wirePair();
      const accepting = dialectOf().accept(pair.server, await acceptorOf());
      const { records } = await channelTo(pair.client);
      const refused = expect(accepting).rejects.toMatchObject({
        code: expect.stringMatching(/^(HANDSHAKE_FAILED|PROTOCOL_VIOLATION|TOO_LARGE)$/),
      });
      await pair.client.write(records.seal(type, content));
      await refused;
    }
  });
});

test("a server refuses a handshake message that says something", async () => {
  const pair = wirePair();
  const accepting = dialectOf().accept(pair.server, await acceptorOf());
  const refused = expect(accepting).rejects.toEqual(
    expect.objectContaining({ code: "HANDSHAKE_FAILED" }),
  );
  await channelTo(pair.client, undefined, Uint8Array.of(1)).catch(() => {});
  await refused;
});

describe("a client refuses", () => {
  test.each<[string, GreetingMap]>([
    ["a welcome without a frame size", { features: [] }],
    ["a welcome whose features are no texts", { maxFrameBytes: 65_536, features: [[]] }],
    ["a refusal of an unknown kind as one", { refused: "__proto__", message: {} }],
  ])("%s", async (_, map) => {
    const pair = wirePair();
    const given = { serverKeys: [] };
    const connecting = dialectOf().connect(pair.client, initiatorOf(given));
    const refused = expect(connecting).rejects.toBeInstanceOf(SealwireError);
    const channel = await channelFrom(pair.server);
    await channel.hear();
    await channel.say(map);
    await refused;
  });
});
