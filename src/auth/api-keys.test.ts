import { expect, test } from "vitest";
import { SealwireError } from "../core/model/errors.ts";
import type { Peer } from "../core/model/peer.ts";
import { apiKeyPair } from "../crypto/api-key-text.ts";
import { nobleCrypto } from "../crypto/providers/noble.ts";
import { ApiKeyStore } from "./api-key-store.ts";
import { apiKeyRecord, apiKeys, issueApiKey } from "./api-keys.ts";

const provider = nobleCrypto();
const options = { provider, serverName: "here" };
const peer: Peer = { id: "1", remote: "192.0.2.1:5000", dialect: "test" };
const { key, record } = await issueApiKey({ user: 1, scopes: ["admin"] }, options);

test("the holder of a key is its user, with a number as a number", async () => {
  const authenticator = apiKeys([record], options);
  const proven = await authenticator.authenticate(proofOf(record.publicKey), peer);
  expect(proven).toMatchObject({ id: 1, scopes: new Set(["admin"]) });
  expect(await authenticator.authenticate({ scheme: "api-key", key }, peer)).toBe(proven);
});

test("the record holds the public half of what the client derives, and not the key", async () => {
  expect((await apiKeyPair(key, "here", provider)).publicKey).toEqual(record.publicKey);
  expect(JSON.stringify(record)).not.toContain(key.slice(12, 55));
  expect(record.keyId).toBe(key.slice(3, 11));
});

test("a free-text key works too", async () => {
  const free = await apiKeyRecord("abc123", { user: "ann" }, options);
  const authenticator = apiKeys([free], options);
  const evidence = { scheme: "api-key", key: "abc123" } as const;
  expect(await authenticator.authenticate(evidence, peer)).toMatchObject({ id: "ann" });
});

test("unknown keys and other evidence are not its own to judge", async () => {
  const authenticator = apiKeys([record], options);
  const other = await issueApiKey({ user: 2 }, options);
  for (const evidence of [
    proofOf(other.record.publicKey),
    { scheme: "api-key", key: other.key } as const,
    { scheme: "anonymous" } as const,
    { scheme: "token", token: key } as const,
  ]) {
    expect(await authenticator.authenticate(evidence, peer)).toBeUndefined();
  }
});

test("a mistyped key is refused without being shown", async () => {
  const mistyped = `${key.slice(0, -1)}${key.endsWith("0") ? "1" : "0"}`;
  const attempt = apiKeys([record], options).authenticate(
    { scheme: "api-key", key: mistyped },
    peer,
  );
  const error = await attempt.catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "UNAUTHENTICATED" });
  expect(String(error)).not.toContain(key.slice(12, 30));
});

test("an expired key is refused", async () => {
  const clock = { now: () => 1000 };
  const authenticator = apiKeys([{ ...record, expiresAt: 1000 }], { ...options, clock });
  await expect(authenticator.authenticate(proofOf(record.publicKey), peer)).rejects.toMatchObject({
    code: "UNAUTHENTICATED",
  });
});

test("revoking a key reaches its connections and those to come", async () => {
  const store = new ApiKeyStore([record]);
  const authenticator = apiKeys(store, options);
  const principal = await authenticator.authenticate(proofOf(record.publicKey), peer);
  expect(principal?.revoked?.aborted).toBe(false);
  expect(store.revoke(record.keyId ?? "")).toBe(true);
  expect(principal?.revoked?.reason).toBeInstanceOf(SealwireError);
  expect(await authenticator.authenticate(proofOf(record.publicKey), peer)).toBeUndefined();
  expect(store.revoke(record.keyId ?? "")).toBe(false);
});

test("another list revokes what is missing or changed and leaves the rest alone", async () => {
  const others = await Promise.all(["b", "c"].map((user) => issueApiKey({ user }, options)));
  const [second, third] = others.map((issued) => issued.record);
  if (second === undefined || third === undefined) throw new Error("two keys were issued");
  const store = new ApiKeyStore([record, second, third]);
  const revoked = [record, second, third].map((each) => store.find(each.publicKey)?.principal);
  store.replace([record, { ...second, scopes: ["more"] }]);
  expect(revoked.map((principal) => principal?.revoked?.aborted)).toEqual([false, true, true]);
  expect(store.list().map(({ user }) => user)).toEqual([1, "b"]);
  expect(store.find(second.publicKey)?.principal.scopes).toEqual(new Set(["more"]));
});

test("a list that contradicts itself changes nothing", () => {
  const store = new ApiKeyStore([record]);
  expect(() => store.replace([record, { ...record, user: 2 }])).toThrow(
    expect.objectContaining({ code: "ALREADY_EXISTS" }),
  );
  expect(() => store.replace([{ ...record, publicKey: new Uint8Array(31) }])).toThrow(
    expect.objectContaining({ code: "INVALID_ARGUMENT" }),
  );
  expect(store.find(record.publicKey)?.principal.revoked?.aborted).toBe(false);
});

function proofOf(publicKey: Uint8Array) {
  return { scheme: "public-key", key: publicKey } as const;
}
