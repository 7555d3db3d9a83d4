import { type } from "arktype";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { Call } from "../model/call.ts";
import { SealwireError } from "../model/errors.ts";
import { bindNamed, checkResult } from "./bind.ts";
import { bindPlain } from "./bind-plain.ts";
import { NO_ITEMS } from "./streams.ts";

const SCHEMAS = {
  zod: { a: z.number(), b: z.number().default(10) },
  valibot: { a: v.number(), b: v.optional(v.number(), 10) },
  arktype: { a: type("number"), b: type("number|undefined").pipe((b) => b ?? 10) },
  "zod, asynchronously": { a: z.number().refine(async () => true), b: z.number().default(10) },
};

describe.each(Object.entries(SCHEMAS))("parameters declared with %s", (_name, params) => {
  const add = bindNamed(params as typeof SCHEMAS.zod, ({ a, b }) => Number(a) + Number(b));

  test.each([
    ["by position", [1, 2], {}, 3],
    ["by name", [], { b: 2, a: 1 }, 3],
    ["both ways at once", [1], { b: 2 }, 3],
  ])("are bound %s", async (_how, positional, named, sum) => {
    expect(await add(callWith(positional, named))).toBe(sum);
  });

  test("tell which argument is wrong", async () => {
    const error = await failureOf(() => add(callWith(["1", 2])));
    expect(error).toMatchObject({ code: "INVALID_ARGUMENT" });
    expect(error.details).toMatchObject({ errors: [{ field: "a" }] });
  });

  test("tell which argument is missing", async () => {
    const error = await failureOf(() => add(callWith([], { b: 1 })));
    expect(error.details).toMatchObject({ errors: [{ field: "a" }] });
  });
});

test("what is no schema is refused when it is declared", () => {
  expect(() => bindNamed({ a: 5 as never }, () => 0)).toThrow(/a needs a Standard Schema/);
});

test("a default fills what was left out", async () => {
  const add = bindNamed(SCHEMAS.zod, ({ a, b }) => Number(a) + Number(b));
  expect(await add(callWith([1]))).toBe(11);
});

test("an argument given twice, one that nobody declared and one too many are refused", async () => {
  const add = bindNamed(SCHEMAS.zod, () => "ran");
  const twice = await failureOf(() => add(callWith([1], { a: 2 })));
  const unknown = await failureOf(() => add(callWith([1], { c: 2 })));
  const more = await failureOf(() => add(callWith([1, 2, 3])));
  expect([twice.code, unknown.code, more.code]).toEqual(Array(3).fill("INVALID_ARGUMENT"));
  expect(twice.details).toEqual({
    errors: [{ field: "a", message: "given twice", type: "repeated" }],
  });
  expect(unknown.message).toContain("there are a, b");
});

test("all that is wrong is told at once, down to the place within a value", async () => {
  const params = { who: z.object({ age: z.number() }), n: z.number() };
  const error = await failureOf(() => bindNamed(params, () => 0)(callWith([{ age: "x" }, "y"])));
  expect(error.details).toMatchObject({ errors: [{ field: "who.age" }, { field: "n" }] });
});

test("names that objects have of themselves are parameters like others", async () => {
  const params = { ["__proto__"]: z.number(), constructor: z.number(), toString: z.number() };
  const named = JSON.parse('{"__proto__":1,"constructor":2,"toString":3}');
  const got = await bindNamed(params, (values) => Object.entries(values))(callWith([], named));
  expect(got).toEqual([
    ["__proto__", 1],
    ["constructor", 2],
    ["toString", 3],
  ]);
  expect(await failureOf(() => bindNamed({}, () => 0)(callWith([], named)))).toMatchObject({
    code: "INVALID_ARGUMENT",
  });
});

test("a handler does not run when its arguments are refused", async () => {
  let ran = false;
  const handler = bindNamed({ a: z.number().refine(async () => false) }, () => {
    ran = true;
  });
  await failureOf(() => handler(callWith([1])));
  expect(ran).toBe(false);
});

test("a result that does not fit its schema is our own failure, not the caller's", async () => {
  const handler = checkResult(z.number(), () => "a secret value");
  await expect(handler(callWith([]))).rejects.not.toBeInstanceOf(SealwireError);
});

test("a result is what its schema makes of it", async () => {
  const handler = checkResult(
    z.string().transform((text) => text.length),
    async () => "four",
  );
  expect(await handler(callWith([]))).toBe(4);
});

test("plain functions take named arguments as one last object", () => {
  const seen = bindPlain((...args: unknown[]) => args);
  expect(seen(callWith([1], { b: 2 }))).toEqual([1, { b: 2 }]);
  expect(seen(callWith([1]))).toEqual([1]);
});

function callWith(positional: readonly unknown[], named: Record<string, unknown> = {}): Call {
  return {
    procedure: "p",
    args: { positional, named },
    input: NO_ITEMS,
    meta: {},
    peer: { id: "1", remote: "here", dialect: "none" },
    signal: new AbortController().signal,
  };
}

async function failureOf(run: () => unknown): Promise<SealwireError> {
  try {
    await run();
  } catch (thrown) {
    if (thrown instanceof SealwireError) return thrown;
    throw thrown;
  }
  throw new Error("nothing was thrown");
}
