import { type } from "arktype";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import type { StandardSchema } from "../../core/contracts/schema.ts";
import { ERROR_CODES } from "../../core/model/errors.ts";
import { failureOfWrapper, formatFailure } from "./errors.ts";
import { errorResponse, lax, netconduit, response } from "./index.ts";
import { formErrors } from "./validation.ts";

describe("results and errors as the original's helpers make them", () => {
  test("a page says where it lies", () => {
    const page = (number: number) =>
      response.withPagination([], 5, { page: number, pageSize: 2 }).pagination;
    expect(page(1)).toEqual({
      ...{ total: 5, page: 1, page_size: 2, total_pages: 3 },
      ...{ has_next: true, has_prev: false },
    });
    expect(page(9)).toMatchObject({ has_next: false, has_prev: true });
    expect(response.withPagination([1], 11).pagination).toMatchObject({
      ...{ page: 1, page_size: 10, total_pages: 2 },
    });
    expect(response.withPagination([], 0, { pageSize: 0 }).pagination?.total_pages).toBe(0);
  });

  test("what is empty is left out", () => {
    expect(response(1, { metadata: {} })).toEqual({ success: true, data: 1 });
    expect(response(undefined)).toEqual({ success: true, data: null });
    expect(response.ok(null, "")).toEqual({ success: true });
    expect(errorResponse("no", undefined, {})).toEqual({ success: false, error: "no" });
    expect(errorResponse.validation("no")).toEqual({ success: false, error: "no", code: 2000 });
    expect(errorResponse.permissionDenied().error).toBe("Permission denied");
    expect(errorResponse.timeout().error).toBe("Operation timed out");
    expect(errorResponse.rateLimited()).toEqual({
      ...{ success: false, error: "Rate limit exceeded", code: 6000 },
    });
  });

  test("what was received travels as text", () => {
    const { details } = errorResponse.validation("no", { received: 5, field: "a" });
    expect(details).toEqual({ field: "a", received: "5" });
  });
});

describe("codes on this wire", () => {
  test("every code has a number, and every number that has a code of its own comes back", () => {
    const back = ERROR_CODES.map((code) => {
      const { error, code: number } = formatFailure({ code, message: "m" }, "p");
      expect(error).toBe("m");
      return failureOfWrapper({ success: false, error, code: number }).code;
    });
    expect(back.filter((code, at) => code === ERROR_CODES[at])).toEqual([
      ...["CANCELLED", "DEADLINE_EXCEEDED", "UNAVAILABLE", "INVALID_ARGUMENT", "NOT_FOUND"],
      ...["UNAUTHENTICATED", "PERMISSION_DENIED", "RATE_LIMITED", "INTERNAL", "UNKNOWN"],
    ]);
  });

  test("what was thrown is told with the method, what we say ourselves as it is", () => {
    const thrown = { code: "INTERNAL", message: "it broke", type: "Error" } as const;
    expect(formatFailure(thrown, "boom")).toEqual({ error: "Error in boom: it broke", code: 1001 });
    const limited = { code: "RATE_LIMITED", message: "slow", details: { retryAfterMs: 1_500 } };
    expect(formatFailure({ ...limited, code: "RATE_LIMITED" }, "m").details).toEqual({
      retry_after: 1.5,
    });
  });

  test("too many arguments are told as Python tells it", () => {
    const failure = { code: "INVALID_ARGUMENT", message: "", details: { given: 3, takes: 1 } };
    expect(formatFailure({ ...failure, code: "INVALID_ARGUMENT" }, "greet")).toEqual({
      ...{ error: "greet() takes 1 positional argument but 3 were given", code: 2000 },
    });
  });
});

describe("what is wrong with an argument, as pydantic says it", () => {
  test.each([
    [{ type: "missing" }, "missing"],
    [{ type: "unexpected" }, "extra_forbidden"],
    [{ type: "repeated" }, "multiple_argument_values"],
    [{ type: "invalid_type", expected: "int", received: "object" }, "int_type"],
    [{ type: "invalid_type", expected: "int", received: "number" }, "int_from_float"],
    [{ type: "invalid_type", expected: "number", received: "string" }, "float_parsing"],
    [{ type: "invalid_type", expected: "string", received: "number" }, "string_type"],
    [{ type: "invalid_type", expected: "boolean", received: "string" }, "bool_parsing"],
    [{ type: "invalid_type", expected: "array", received: "string" }, "list_type"],
    [{ type: "invalid_type", expected: "tuple", received: "string" }, "value_error"],
    [{ type: "too_small" }, "greater_than_equal"],
    [{ type: "invalid" }, "value_error"],
  ])("%j is %s", (problem, word) => {
    const errors = formErrors({ errors: [{ field: "a", message: "m", ...problem }] });
    expect(errors).toEqual([{ field: "a", message: expect.any(String), type: word }]);
  });

  test("details of another shape are no such errors", () => {
    for (const details of [undefined, {}, { errors: [] }, { errors: ["x"] }, { errors: [{}] }]) {
      expect(formErrors(details)).toBeUndefined();
    }
  });
});

describe("a lax schema", () => {
  const check = async (schema: StandardSchema, value: unknown) => {
    const result = await lax(schema)["~standard"].validate(value);
    return result.issues ? result.issues.map(({ message }) => message) : result.value;
  };

  test("takes text and truth for numbers where the schema does not", async () => {
    for (const schema of [z.int(), type("number.integer")]) {
      expect(await check(schema, "12")).toBe(12);
      expect(await check(schema, " -3 ")).toBe(-3);
      expect(await check(schema, true)).toBe(1);
      expect(await check(schema, 7)).toBe(7);
    }
    expect(await check(z.number(), "1.5e3")).toBe(1_500);
    expect(await check(z.string(), "12")).toBe("12");
    expect(await check(z.int().default(2), undefined)).toBe(2);
  });

  test("refuses what the schema refuses in any reading", async () => {
    for (const value of ["x", "", "1.5", null, [], "9".repeat(101), "0x10"]) {
      expect(await check(z.int(), value)).toHaveLength(1);
    }
  });

  test("waits for schemas that take their time", async () => {
    const slow = z.int().refine(async (value) => value > 10);
    expect(await check(slow, "12")).toBe(12);
    expect(await check(slow, "5")).toHaveLength(1);
  });
});

test("options outside their bounds are named", () => {
  for (const [name, value] of [
    ["quietMs", -1],
    ["maxPauseMs", 0],
    ["maxInflatedBytes", 1.5],
  ]) {
    expect(() => netconduit({ [String(name)]: value })).toThrow(`${name} is ${value}`);
  }
});
