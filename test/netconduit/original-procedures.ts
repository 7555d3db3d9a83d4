import * as z from "zod";
import { SealwireError } from "../../src/core/model/errors.ts";
import { errorResponse, lax, response } from "../../src/dialects/netconduit/index.ts";
import type { Server } from "../../src/server/server.ts";

/** What the recorded server served, in the order of its list. */
export function originalProcedures(server: Server): void {
  const integers = { a: lax(z.int()), b: lax(z.int()) };
  const sum = { params: integers, result: z.int(), description: "Sum of two integers." };
  server.procedure("add", sum, ({ a, b }) => a + b);
  const named = { params: { name: z.string() }, result: z.string() };
  server.procedure("greet", named, ({ name }) => `Hello, ${name}!`);
  const numbers = { operation: z.string(), a: lax(z.number()), b: lax(z.number()) };
  server.procedure(
    "calculate",
    { params: numbers, result: z.looseObject({}) },
    ({ operation, a, b }) => ({ result: calculate(operation, a, b) }),
  );
  const paged = { page: z.int().default(1), page_size: z.int().default(2) };
  server.procedure("users.list", { params: paged }, ({ page, page_size: pageSize }) => {
    const users = USERS.slice((page - 1) * pageSize, page * pageSize);
    return response.withPagination(users, USERS.length, { page, pageSize });
  });
  server.procedure("echo", ({ args: { positional, named } }) => named["value"] ?? positional[0]);
  server.procedure("slow", { params: { seconds: lax(z.number()) } }, async ({ seconds }, call) => {
    await new Promise((resolve) => {
      setTimeout(resolve, seconds * 1_000);
      call.signal.addEventListener("abort", resolve);
    });
    return seconds;
  });
  const sized = { params: { size: lax(z.int()) } };
  server.procedure("big", sized, ({ size }) => "x".repeat(size));
  server.procedure("boom", { params: { text: z.string() } }, ({ text }) => {
    throw new Error(text);
  });
  server.procedure("unpackable", () => ({ at: new Date(0) }));
  server.procedure("helper", { params: { kind: z.string() } }, ({ kind }) => helped(kind));
  server.onEvent("ping", (data) => ({ pong: true, data }));
  server.onEvent("silent", () => undefined);
}

const USERS = ["ann", "bob", "cyd", "dan", "eve"].map((name, at) => ({ id: at + 1, name }));

function calculate(operation: string, a: number, b: number): number {
  switch (operation) {
    case "divide":
      if (b === 0) throw new Error("Division by zero");
      return a / b;
    case "add":
      return a + b;
    default:
      throw new Error(`Unknown operation: ${operation}`);
  }
}

class Model {
  readonly a = 1;
  readonly b = 2;
}

function helped(kind: string): unknown {
  const made = HELPERS[kind];
  if (made) return made();
  throw new SealwireError("INVALID_ARGUMENT", `no helper ${kind}`);
}

const HELPERS: Readonly<Record<string, () => unknown>> = {
  response: () => response({ k: 1 }),
  response_meta: () => response([1, 2], { metadata: { m: 1 } }),
  response_model: () => response({ ...new Model() }),
  ok: () => response.ok(),
  ok_data: () => response.ok({ k: 1 }, "done"),
  error: () => errorResponse("went wrong"),
  error_code: () => errorResponse("went wrong", 4002, { why: "x" }),
  validation: () =>
    errorResponse.validation("bad age", { field: "age", expected: "int", received: "abc" }),
  not_found: () => errorResponse.notFound("User", 7),
  not_found_bare: () => errorResponse.notFound("User"),
  permission_denied: () => errorResponse.permissionDenied("delete"),
  internal: () => errorResponse.internal(),
  timeout: () => errorResponse.timeout("query"),
  rate_limited: () => errorResponse.rateLimited(5),
  none: () => undefined,
  model: () => new Model(),
};
