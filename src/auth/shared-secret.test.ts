import { expect, test } from "vitest";
import { equalBytes } from "../bytes/equal.ts";
import type { Peer } from "../core/model/peer.ts";
import { nobleCrypto } from "../crypto/providers/noble.ts";
import { randomBytes } from "../crypto/random.ts";
import { secretKey } from "../crypto/secret-strength.ts";
import { sharedSecret } from "./shared-secret.ts";

const peer: Peer = { id: "1", remote: "192.0.2.1:5000", dialect: "test" };
const [first, second] = [randomBytes(32), randomBytes(32)];

test("finds the key made from the secret that fits", async () => {
  const authenticator = sharedSecret([first, second]);
  const expected = secretKey(second, nobleCrypto());
  expect(await authenticator.findSecret?.((key) => equalBytes(key, expected))).toEqual(expected);
  expect(await authenticator.findSecret?.(() => false)).toBeUndefined();
});

test("finds the secret itself where a wire uses it as it is", async () => {
  const fits = (candidate: Uint8Array) => equalBytes(candidate, first);
  expect(await sharedSecret([second, first]).findSecret?.(fits)).toEqual(first);
});

test("tries every secret even after one fitted", async () => {
  let tried = 0;
  await sharedSecret([first, second]).findSecret?.(() => ++tried > 0);
  expect(tried).toBe(4);
});

test("accepts a proof made with the secret itself or with its key", async () => {
  const authenticator = sharedSecret(first, { user: { user: 5, scopes: ["a"] } });
  for (const secret of [first, secretKey(first, nobleCrypto())]) {
    const matches = (candidate: Uint8Array) => equalBytes(candidate, secret);
    const principal = await authenticator.authenticate({ scheme: "proof", matches }, peer);
    expect(principal).toMatchObject({ id: 5, scopes: new Set(["a"]) });
  }
});

test("a proof that fits no secret, and other evidence, are not its own to judge", async () => {
  const authenticator = sharedSecret(first);
  const wrong = { scheme: "proof", matches: () => false } as const;
  expect(await authenticator.authenticate(wrong, peer)).toBeUndefined();
  expect(await authenticator.authenticate({ scheme: "anonymous" }, peer)).toBeUndefined();
});

test("a weak secret is refused at once, as are none and too many", () => {
  for (const secrets of [["correct horse battery staple"], [], Array(101).fill(first)]) {
    expect(() => sharedSecret(secrets)).toThrow(
      expect.objectContaining({ code: "INVALID_ARGUMENT" }),
    );
  }
});
