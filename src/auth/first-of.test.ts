import { expect, test } from "vitest";
import type { Authenticator } from "../core/contracts/authenticator.ts";
import { SealwireError } from "../core/model/errors.ts";
import { ANONYMOUS, type Peer } from "../core/model/peer.ts";
import { anonymous } from "./anonymous.ts";
import { firstOf } from "./first-of.ts";

const peer: Peer = { id: "1", remote: "192.0.2.1:5000", dialect: "test" };
const token = { scheme: "token", token: "x" } as const;
const silent: Authenticator = { authenticate: async () => undefined };
const accepting: Authenticator = {
  authenticate: async () => ({ id: "ann", scopes: new Set() }),
  findSecret: async () => Uint8Array.of(1),
};
const refusing: Authenticator = {
  authenticate: async () => {
    throw new SealwireError("UNAUTHENTICATED", "expired");
  },
};

test("the first that answers decides", async () => {
  expect(await firstOf(silent, accepting).authenticate(token, peer)).toMatchObject({ id: "ann" });
  expect(await firstOf(accepting, refusing).authenticate(token, peer)).toMatchObject({ id: "ann" });
});

test("a refusal decides too", async () => {
  await expect(firstOf(refusing, accepting).authenticate(token, peer)).rejects.toMatchObject({
    code: "UNAUTHENTICATED",
  });
});

test("when nobody takes it, nobody does", async () => {
  expect(await firstOf(silent, silent).authenticate(token, peer)).toBeUndefined();
  expect(await firstOf().authenticate(token, peer)).toBeUndefined();
});

test("secrets are looked for in all of them", async () => {
  expect(await firstOf(silent, accepting).findSecret?.(() => true)).toEqual(Uint8Array.of(1));
  expect(await firstOf(silent).findSecret?.(() => true)).toBeUndefined();
});

test("anonymous takes those who prove nothing, and nobody else", async () => {
  const authenticator = anonymous();
  expect(await authenticator.authenticate({ scheme: "anonymous" }, peer)).toBe(ANONYMOUS);
  expect(await authenticator.authenticate(token, peer)).toBeUndefined();
});
