import { expect, test } from "vitest";
import { z } from "zod";
import { bindNamed } from "../../core/engine/bind.ts";
import { NO_ITEMS } from "../../core/engine/streams.ts";
import { ERROR_CODES, SealwireError } from "../../core/model/errors.ts";
import { errorText, failureFrom } from "./errors.ts";

/** What a call of `f(a, b, c)` with these arguments is answered. */
function answerTo(positional: readonly unknown[], named: Readonly<Record<string, unknown>> = {}) {
  const anything = z.unknown().refine((value) => value !== undefined);
  const run = bindNamed({ a: anything, b: anything, c: z.int() }, () => "ran");
  const peer = { id: "c1", remote: "test", dialect: "trust-rpc" };
  const { signal } = new AbortController();
  const args = { positional, named };
  try {
    return run({ procedure: "f", args, input: NO_ITEMS, meta: {}, peer, signal });
  } catch (thrown) {
    return errorText(SealwireError.from(thrown), "f");
  }
}

test("says of arguments that do not fit what Python says", () => {
  expect(answerTo([1, 2, 3])).toBe("ran");
  expect(answerTo([1, 2])).toBe("TypeError: f() missing 1 required positional argument: 'c'");
  expect(answerTo([1])).toBe("TypeError: f() missing 2 required positional arguments: 'b' and 'c'");
  expect(answerTo([])).toBe(
    "TypeError: f() missing 3 required positional arguments: 'a', 'b', and 'c'",
  );
  expect(answerTo([1, 2, 3, 4])).toBe(
    "TypeError: f() takes 3 positional arguments but 4 were given",
  );
  expect(answerTo([1, 2, 3], { d: 4 })).toBe(
    "TypeError: f() got an unexpected keyword argument 'd'",
  );
  expect(answerTo([1, 2], { a: 4 })).toBe("TypeError: f() got multiple values for argument 'a'");
  expect(answerTo([1, 2, "x"])).toMatch(/^TypeError: f\(\) argument 'c': .*expected/);
});

test("says so of functions without parameters and with one", () => {
  const took = (takes: number, given: number) =>
    errorText({ code: "INVALID_ARGUMENT", message: "", details: { given, takes } }, "f");
  expect(took(0, 1)).toBe("TypeError: f() takes 0 positional arguments but 1 was given");
  expect(took(1, 2)).toBe("TypeError: f() takes 1 positional argument but 2 were given");
});

test("has a name for every code, and finds the code again by the name", () => {
  const names = ERROR_CODES.map((code) => errorText({ code, message: "why" }, "f"));
  expect(new Set(names).size).toBe(ERROR_CODES.length);
  for (const [i, code] of ERROR_CODES.entries()) {
    expect(names[i]).toMatch(/^[A-Z]\w+: why$/);
    expect(failureFrom(names[i] ?? "")).toMatchObject({ code, message: names[i] });
  }
});

test("gives the errors of Python programs codes, and keeps their texts whole", () => {
  const texts = {
    "NameError: Method 'f' not found.": "NOT_FOUND",
    "TypeError: Name must be a string": "INVALID_ARGUMENT",
    "ValueError: ": "INVALID_ARGUMENT",
    "ZeroDivisionError: division by zero": "INTERNAL",
    "something went wrong": "UNKNOWN",
    "see http://x: no": "UNKNOWN",
  };
  for (const [text, code] of Object.entries(texts)) {
    expect(failureFrom(text)).toMatchObject({ code, message: text });
  }
});

test("does not say the name twice when an error is passed on", () => {
  const text = "TypeError: Name must be a string";
  const passed = SealwireError.fromFailure(failureFrom(text)).toFailure();
  expect(errorText(passed, "f")).toBe(text);
});

test("shows no more of a made-up name than a line", () => {
  const errors = [{ field: "x".repeat(5_000), message: "no", type: "unexpected" }];
  const failure = { code: "INVALID_ARGUMENT", message: "", details: { errors } } as const;
  expect(errorText(failure, "f").length).toBeLessThan(300);
});
