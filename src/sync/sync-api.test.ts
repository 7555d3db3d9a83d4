import { expect, expectTypeOf, it } from "vitest";
import { limitsOf } from "./options.ts";
import { type SyncClient, syncApi } from "./sync-api.ts";
import { SyncConnection } from "./sync-connection.ts";
import type { ThreadLink } from "./thread-link.ts";
import type { Answer, Question } from "./thread-messages.ts";

interface Api {
  greet(name: string): Promise<string>;
  count(n: number): AsyncIterable<number>;
  users: { find(query: { readonly id: number }): { readonly name: string } };
}

/** A client whose link answers with `answer`; what it was asked, with the limits. */
function client<Shape = Api>(answer: Answer = { kind: "value", value: 1 }, callTimeoutMs = 500) {
  const asked: Question[] = [];
  const limits: number[] = [];
  const link: Pick<ThreadLink, "ask" | "remark" | "end"> = {
    ask: (question, limitMs) => {
      asked.push(question);
      limits.push(limitMs);
      if (answer.kind === "failed") throw new Error("never here");
      return answer;
    },
    remark: () => {},
    end: (error) => error,
  };
  let ends = 0;
  const connection = new SyncConnection(
    "tcp://host:1",
    link as ThreadLink,
    limitsOf({ callTimeoutMs, retries: 2 }),
    () => ends++,
  );
  return { api: syncApi<Shape>(connection), asked, limits, ends: () => ends };
}

it("calls procedures as functions, with dots, a lone plain object by name", () => {
  const { api, asked } = client();
  api.greet("Bob");
  api.users.find({ id: 7 });
  api.$call("add", [1, 2], { meta: { trace: "t" } });
  expect(asked).toEqual([
    { kind: "call", procedure: "greet", args: ["Bob"], options: {} },
    { kind: "call", procedure: "users.find", args: { id: 7 }, options: {} },
    { kind: "call", procedure: "add", args: [1, 2], options: { meta: { trace: "t" } } },
  ]);
});

it("calls nothing when it is printed, compared or awaited", async () => {
  const { api, asked } = client();
  expect(`${api} ${JSON.stringify({ api })}`).toContain("[object Object]");
  expect(await (api as unknown)).toBe(api);
  expect(asked).toEqual([]);
});

it("cannot be changed", () => {
  expect(() => Object.assign(client().api, { greet: 1 })).toThrow(TypeError);
});

it("waits longer than the connection does: once for it, once for the call, for each repetition", () => {
  const { api, limits } = client();
  api.$call("x", [], { timeoutMs: 40 });
  api.$call("x");
  api.$call("x", [], { idempotent: true });
  expect(limits).toEqual([1_040, 2_000, 6_000]);
});

it("refuses a timeout that is no time before anything is asked", () => {
  const { api, asked } = client();
  expect(() => api.$call("x", [], { timeoutMs: Number.NaN })).toThrow("timeoutMs is NaN");
  expect(asked).toEqual([]);
});

it("gives a stream as something to iterate", () => {
  const { api, asked } = client({ kind: "stream", stream: 9 });
  api.count(3)[Symbol.iterator]();
  expect(asked.map(({ kind }) => kind)).toEqual(["call"]);
});

it("ends its thread when it is closed, by hand or by its scope", () => {
  const { api, asked, ends } = client();
  api.$close();
  api[Symbol.dispose]();
  expect(asked).toEqual([{ kind: "close" }, { kind: "close" }]);
  expect(ends()).toBe(2);
});

it("is typed by the contract, without promises", () => {
  expectTypeOf<SyncClient<Api>["greet"]>().returns.toEqualTypeOf<string>();
  expectTypeOf<SyncClient<Api>["count"]>().returns.toEqualTypeOf<
    IterableIterator<number, undefined>
  >();
  expectTypeOf<SyncClient<Api>["users"]["find"]>().parameters.toEqualTypeOf<
    [query: { readonly id: number }]
  >();
  expectTypeOf<SyncClient["$ping"]>().returns.toEqualTypeOf<number>();
});
