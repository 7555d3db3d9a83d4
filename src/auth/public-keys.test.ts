import { expect, test } from "vitest";
import type { Peer } from "../core/model/peer.ts";
import { formatPublicKey } from "../crypto/format-keys.ts";
import { randomBytes } from "../crypto/random.ts";
import { publicKeys } from "./public-keys.ts";

const peer: Peer = { id: "1", remote: "192.0.2.1:5000", dialect: "test" };
const key = randomBytes(32);

test("the holder of a listed key is its user", async () => {
  const listed = publicKeys({ [formatPublicKey(key)]: { user: "ann", scopes: ["write"] } });
  const proven = await listed.authenticate({ scheme: "public-key", key }, peer);
  expect(proven).toMatchObject({ id: "ann", scopes: new Set(["write"]) });
  const records = publicKeys([{ publicKey: key, user: 7 }]);
  expect(await records.authenticate({ scheme: "public-key", key }, peer)).toMatchObject({ id: 7 });
});

test("other keys are not its own to judge", async () => {
  const listed = publicKeys({ [formatPublicKey(key)]: "ann" });
  const other = { scheme: "public-key", key: randomBytes(32) } as const;
  expect(await listed.authenticate(other, peer)).toBeUndefined();
  expect(await listed.authenticate({ scheme: "anonymous" }, peer)).toBeUndefined();
});

test("a mistyped key is noticed when the list is made", () => {
  const mistyped = formatPublicKey(key).replace(/.$/, (last) => (last === "A" ? "B" : "A"));
  expect(() => publicKeys({ [mistyped]: "ann" })).toThrow(
    expect.objectContaining({ code: "INVALID_ARGUMENT" }),
  );
});
