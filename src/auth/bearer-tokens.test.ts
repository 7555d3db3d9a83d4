import { expect, test } from "vitest";
import { SealwireError } from "../core/model/errors.ts";
import type { Peer } from "../core/model/peer.ts";
import { bearerTokens } from "./bearer-tokens.ts";

const peer: Peer = { id: "1", remote: "192.0.2.1:5000", dialect: "test" };
const clock = { now: () => 1000 };
const listed = bearerTokens(
  { "good-token": { user: 1, scopes: ["a"] }, old: { user: 2, expiresAt: 1000 } },
  { clock },
);

test("the bearer of a listed token is its user", async () => {
  expect(await listed.authenticate(token("good-token"), peer)).toMatchObject({ id: 1 });
});

test("unknown tokens and other evidence are not its own to judge", async () => {
  expect(await listed.authenticate(token("good-tokem"), peer)).toBeUndefined();
  expect(await listed.authenticate({ scheme: "api-key", key: "good-token" }, peer)).toBeUndefined();
});

test("expired, empty and endless tokens are refused", async () => {
  for (const text of ["old", "", "x".repeat(16_385)]) {
    const attempt = listed.authenticate(token(text), peer);
    await expect(attempt).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
  }
});

test("a function may judge, and see which connection it is", async () => {
  const judged = bearerTokens(async (text, { remote }) =>
    text === remote ? { id: "ann", scopes: new Set() } : undefined,
  );
  expect(await judged.authenticate(token(peer.remote), peer)).toMatchObject({ id: "ann" });
  expect(await judged.authenticate(token("other"), peer)).toBeUndefined();
});

test("what a function throws is a refusal, unless it has a code of its own", async () => {
  const broken = bearerTokens(() => {
    throw new Error("signature wrong");
  });
  await expect(broken.authenticate(token("x"), peer)).rejects.toMatchObject({
    code: "UNAUTHENTICATED",
    message: "this token does not hold",
  });
  const down = bearerTokens(() => {
    throw new SealwireError("UNAVAILABLE", "the issuer does not answer");
  });
  await expect(down.authenticate(token("x"), peer)).rejects.toMatchObject({ code: "UNAVAILABLE" });
});

test("a list with an empty token is refused", () => {
  expect(() => bearerTokens({ "": "ann" })).toThrow(
    expect.objectContaining({ code: "INVALID_ARGUMENT" }),
  );
});

function token(text: string) {
  return { scheme: "token", token: text } as const;
}
