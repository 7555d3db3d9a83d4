import { describe, expect, test } from "vitest";
import {
  ANN,
  API_KEY,
  dialectOf,
  fixedKeys,
  type GreetingCase,
  greet,
  IDENTITY,
  SECRET,
  TOKEN,
} from "../../../test/native/greeting.ts";
import { encodeHex } from "../../bytes/text.ts";
import { deflate } from "../../codecs/deflate.ts";
import type { Session } from "../../core/contracts/dialect.ts";
import type { Credentials } from "../../core/model/credentials.ts";
import type { Message } from "../../core/model/message.ts";

const OTHER_KEY = fixedKeys("another server").publicKey;
const FIRST_CONTACT: GreetingCase = { serverKeys: [] };
const code = (expected: string) => expect.objectContaining({ code: expected });
const patternOf = (written: readonly { readonly bytes: Uint8Array }[]) => written[0]?.bytes[5];

/** One message there and one back. */
function talk(client: Session, server: Session): void {
  const call: Message = { kind: "event", name: "hello", data: new Uint8Array([1]) };
  const answer: Message = { kind: "result", id: 1, value: { deep: [1n] } };
  const carry = (from: Session, to: Session, message: Message) =>
    from.encode([message]).flatMap((frame) => to.decode(frame.slice()));
  expect(carry(client, server, call)).toEqual([call]);
  expect(carry(server, client, answer)).toEqual([answer]);
}

const WAYS: readonly (readonly [string, string, Credentials])[] = [
  ["nothing", "anonymous", { scheme: "anonymous" }],
  ["a token", "cem", { scheme: "token", token: TOKEN }],
  ["an API key", "bob", { scheme: "api-key", key: API_KEY }],
  ["a key pair", "ann", { scheme: "key-pair", secretKey: ANN.secretKey }],
  ["a shared secret", "dora", { scheme: "secret", secret: SECRET }],
];

describe("a greeting", () => {
  test.each(WAYS)("with %s makes %s known to the server", async (_, id, credentials) => {
    const { client, server } = await greet({ credentials });
    expect(server.principal?.id).toBe(id);
    talk(client, server);
  });

  test.each(WAYS)("at the first contact works with %s", async (_, id, credentials) => {
    const { client, server } = await greet({ ...FIRST_CONTACT, credentials });
    expect(server.principal?.id).toBe(id);
    talk(client, server);
  });

  test("chooses NK, XK, XX or NNpsk0 by what the client holds and knows", async () => {
    const key: Credentials = { scheme: "api-key", key: API_KEY };
    const secret: Credentials = { scheme: "secret", secret: SECRET };
    const two = [OTHER_KEY, IDENTITY.publicKey];
    const cases: readonly GreetingCase[] = [
      {},
      { credentials: key },
      FIRST_CONTACT,
      { serverKeys: two },
      { serverKeys: two, credentials: key },
      { credentials: secret },
    ];
    const patterns: unknown[] = [];
    for (const each of cases) patterns.push(patternOf((await greet(each)).written));
    expect(patterns).toEqual([1, 2, 3, 3, 3, 4]);
  });

  test("tells each side what the other says of itself", async () => {
    const { client, server } = await greet();
    expect(client.about).toEqual({
      name: "test server",
      version: "1.2.3",
      description: "of the tests",
    });
    expect(server.about).toEqual({ name: "test client" });
  });

  test("gives both ends the same binding, another one on each connection", async () => {
    const [one, two] = [await greet(), await greet()];
    expect(one.client.binding).toEqual(one.server.binding);
    expect(one.client.binding).not.toEqual(two.client.binding);
  });

  test("never shows token, API key, secret or names on the wire", async () => {
    for (const [, , credentials] of WAYS) {
      const { written } = await greet({ credentials });
      const wire = written.map(({ bytes }) => Buffer.from(bytes).toString("latin1")).join("");
      for (const hidden of [TOKEN, API_KEY, "test server", "test client", "features"]) {
        expect(wire).not.toContain(hidden);
      }
      const hex = written.map(({ bytes }) => encodeHex(bytes)).join(" ");
      for (const secret of [SECRET, ANN.publicKey, ANN.secretKey, IDENTITY.publicKey]) {
        expect(hex).not.toContain(encodeHex(secret));
      }
    }
  });

  test("names the shared secret so that two connections look unrelated", async () => {
    const secret: Credentials = { scheme: "secret", secret: SECRET };
    const hints: string[] = [];
    for (let i = 0; i < 2; i++) {
      const { written } = await greet({ credentials: secret });
      hints.push(encodeHex(written[0]?.bytes.subarray(7, 31) ?? new Uint8Array(0)));
    }
    expect(hints[0]?.slice(0, 32)).not.toBe(hints[1]?.slice(0, 32));
    expect(hints[0]?.slice(32)).not.toBe(hints[1]?.slice(32));
  });

  test("leaves the client's own key pair and secret as they were", async () => {
    const [secretKey, secret] = [ANN.secretKey.slice(), SECRET.slice()];
    await greet({ credentials: { scheme: "key-pair", secretKey } });
    await greet({ credentials: { scheme: "secret", secret } });
    expect(secretKey).toEqual(ANN.secretKey);
    expect(secret).toEqual(SECRET);
  });

  test.each([0, 1, 64, 8_192])("works with records filled up to %i bytes", async (paddingBytes) => {
    const { client, server, written } = await greet({ client: { paddingBytes } });
    talk(client, server);
    const greeting = written.filter(({ from }) => from === "client").at(-1);
    if (paddingBytes > 0) expect(((greeting?.bytes.length ?? 0) - 17) % paddingBytes).toBe(0);
  });

  test("compresses only when both sides offer it", async () => {
    const compression = deflate();
    const text: Message = { kind: "event", name: "text", data: "again ".repeat(1_000) };
    const lengthWith = async (given: GreetingCase) => {
      const { client, server } = await greet(given);
      const [frame = new Uint8Array(0)] = client.encode([text]);
      const { length } = frame;
      expect(server.decode(frame)).toEqual([text]);
      return length;
    };
    expect(await lengthWith({ client: { compression } })).toBeGreaterThan(6_000);
    expect(await lengthWith({ server: { compression } })).toBeGreaterThan(6_000);
    expect(await lengthWith({ client: { compression }, server: { compression } })).toBeLessThan(
      200,
    );
  });
});

test("options outside their bounds are refused by name", () => {
  const refused = (options: object, name: string) => {
    expect(() => dialectOf(options)).toThrow(code("INVALID_ARGUMENT"));
    expect(() => dialectOf(options)).toThrow(name);
  };
  refused({ paddingBytes: 8_193 }, "paddingBytes is 8193");
  refused({ paddingBytes: -1 }, "paddingBytes");
  refused({ rekeyAfterRecords: 0 }, "rekeyAfterRecords");
  refused({ rekeyAfterMs: Number.NaN }, "rekeyAfterMs");
  refused({ compressAboveBytes: 1.5 }, "compressAboveBytes");
  refused({ application: "ä".repeat(128) }, "application is 256 bytes");
  expect(dialectOf({ paddingBytes: undefined as never, rekeyAfterMs: Infinity }).name).toBe(
    "native",
  );
});

test("a provider that did not load is tried again", async () => {
  let tries = 0;
  const dialect = dialectOf({
    identity: undefined as never,
    crypto: async () => {
      tries += 1;
      throw new Error("not yet");
    },
  });
  await expect(dialect.identity()).rejects.toThrow("not yet");
  await expect(dialect.identity()).rejects.toThrow("not yet");
  expect(tries).toBe(2);
});
