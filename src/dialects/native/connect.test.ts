import { describe, expect, test } from "vitest";
import {
  ANN,
  fixedKeys,
  type GreetingCase,
  IDENTITY,
  tryToGreet,
} from "../../../test/native/greeting.ts";
import { encodeHex } from "../../bytes/text.ts";
import type { Credentials } from "../../core/model/credentials.ts";

const OTHER_KEY = fixedKeys("another server").publicKey;
const FIRST_CONTACT: GreetingCase = { serverKeys: [] };
const code = (expected: string) => expect.objectContaining({ code: expected });

describe("a client", () => {
  test("asks whether the server's key is trusted before its own key leaves", async () => {
    const seen: number[] = [];
    let sent = 0;
    const { client, written } = await tryToGreet({
      ...FIRST_CONTACT,
      credentials: { scheme: "key-pair", secretKey: ANN.secretKey },
      tap: (frame, from) => {
        if (from === "client") sent += 1;
        return [frame];
      },
      trusts: async (key) => {
        expect(key).toEqual(IDENTITY.publicKey);
        seen.push(sent);
        return false;
      },
    });
    expect(client).toEqual(code("HANDSHAKE_FAILED"));
    expect(seen).toEqual([1]);
    expect(written.filter(({ from }) => from === "client")).toHaveLength(1);
  });

  test("asks also when it knows several keys, and goes no further with another", async () => {
    const trusts = async (key: Uint8Array) => encodeHex(key) === encodeHex(OTHER_KEY);
    const { client } = await tryToGreet({ serverKeys: [OTHER_KEY, ANN.publicKey], trusts });
    expect(client).toEqual(code("HANDSHAKE_FAILED"));
  });

  test("fails against a server with another key, and is told why, unproven", async () => {
    const { client, server } = await tryToGreet({ serverKeys: [OTHER_KEY] });
    expect(client).toEqual(code("HANDSHAKE_FAILED"));
    expect(String(client)).toContain("another key");
    expect(server).toEqual(code("HANDSHAKE_FAILED"));
  });

  test("does not use a key of free text towards a server it does not know", async () => {
    const credentials: Credentials = { scheme: "api-key", key: "abc123" };
    const { client, written } = await tryToGreet({ ...FIRST_CONTACT, credentials });
    expect(client).toEqual(code("INVALID_ARGUMENT"));
    expect(written).toEqual([]);
  });

  test("does not use a weak shared secret", async () => {
    const secret = new TextEncoder().encode("hunter2");
    const { client, written } = await tryToGreet({ credentials: { scheme: "secret", secret } });
    expect(client).toEqual(code("INVALID_ARGUMENT"));
    expect(written).toEqual([]);
  });

  test("with a token that fits into no greeting is told so by its own side", async () => {
    const credentials: Credentials = { scheme: "token", token: "x".repeat(17_000) };
    const { client } = await tryToGreet({ credentials });
    expect(client).toEqual(code("TOO_LARGE"));
  });
});
