import { expect, test } from "vitest";
import { systemCode, systemReason, unlistenable } from "./system-errors.ts";

const failed = (code: unknown) => Object.assign(new Error("it failed"), { code });

test("names a system error by its code alone", () => {
  expect(systemCode(failed("ENOENT"))).toBe("ENOENT");
  expect([failed(7), new Error("it failed"), "ENOENT", undefined].map(systemCode)).toEqual(
    Array(4).fill(undefined),
  );
});

test("says why, whatever was thrown", () => {
  const reasons = [failed("EIO"), failed(7), "no"].map(systemReason);
  expect(reasons).toEqual(["EIO", "it failed", "no"]);
});

test.each([
  ["EADDRINUSE", "ALREADY_EXISTS"],
  ["EACCES", "PERMISSION_DENIED"],
  ["EADDRNOTAVAIL", "INVALID_ARGUMENT"],
])("a port that answers %s is refused as %s", (code, refusal) => {
  expect(unlistenable("127.0.0.1:1", failed(code))).toMatchObject({
    code: refusal,
    message: expect.stringContaining("127.0.0.1:1"),
  });
});
