import { expect, test } from "vitest";
import { checkNotExpired, parseUser, principalOf } from "./account.ts";

test("what looks like a whole number is a number, everything else stays text", () => {
  expect(["1", "0", "-7", "123456789012345"].map(parseUser)).toEqual([1, 0, -7, 123456789012345]);
  const texts = ["", "ann", "01", "1.5", "1e3", "-0", " 1", "12345678901234567890"];
  expect(texts.map(parseUser)).toEqual(texts);
});

test("a principal has the type of its user", () => {
  expect(principalOf({ user: 1, scopes: ["a"] })).toEqual({ id: 1, scopes: new Set(["a"]) });
});

test("an account holds until its moment and not at it", () => {
  const account = { user: "ann", expiresAt: 1000 };
  expect(() => checkNotExpired(account, { now: () => 999 })).not.toThrow();
  expect(() => checkNotExpired(account, { now: () => 1000 })).toThrow(
    expect.objectContaining({ code: "UNAUTHENTICATED" }),
  );
});
