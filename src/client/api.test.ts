import { expect, test } from "vitest";
import type { CallArguments } from "../core/engine/arguments.ts";
import type { CallOptions } from "../core/engine/call-options.ts";
import { remoteApi } from "./api.ts";

type Said = readonly [how: string, name: string, args: unknown, options: CallOptions | undefined];

interface Api {
  add(a: number, b: number): number;
  find(query: { readonly id: number }): string;
  count(n: number): AsyncIterable<number>;
  math: { double(n: number): number };
}

function proxied(answer: unknown = "answer") {
  const said: Said[] = [];
  const caller = {
    close: async () => void said.push(["close", "", [], undefined]),
    call: async (name: string, args?: CallArguments, options?: CallOptions) => {
      said.push(["call", name, args, options]);
      return answer;
    },
    async *stream(name: string, args?: CallArguments, options?: CallOptions) {
      said.push(["stream", name, args, options]);
      yield* [1, 2, 3];
    },
  };
  return { api: remoteApi<Api>(caller), said };
}

test("a function of the proxy is a call when it is awaited", async () => {
  const { api, said } = proxied(5);
  expect(await api.add(2, 3)).toBe(5);
  expect(said).toEqual([["call", "add", [2, 3], {}]]);
});

test("it is a stream when it is iterated", async () => {
  const { api, said } = proxied();
  const items: number[] = [];
  for await (const item of api.count(3)) items.push(item);
  expect(items).toEqual([1, 2, 3]);
  expect(said).toEqual([["stream", "count", [3], {}]]);
});

test("what is neither awaited nor iterated is called for its effect, once", async () => {
  const { api, said } = proxied();
  const answer = api.add(1, 1);
  await Promise.resolve();
  expect(said).toHaveLength(1);
  await answer;
  expect(said).toHaveLength(1);
});

test("a call for its effect that fails is no unhandled rejection", async () => {
  const caller = {
    call: () => Promise.reject(new Error("nobody looks")),
    stream: () => {
      throw new Error("never");
    },
  };
  void remoteApi<Api>(caller).add(1, 1);
  await Promise.resolve();
  await Promise.resolve();
});

test("an answer that was awaited already can still be iterated", async () => {
  const { api } = proxied(7);
  const answer = api.count(1);
  await Promise.resolve();
  const items: number[] = [];
  for await (const item of answer) items.push(item);
  expect(items).toEqual([7]);
});

test("a lone object is sent by name, a dot leads into longer names", async () => {
  const { api, said } = proxied();
  await api.find({ id: 1 });
  await api.math.double(2);
  expect(said.map(([, name, args]) => [name, args])).toEqual([
    ["find", { id: 1 }],
    ["math.double", [2]],
  ]);
});

test("the proxy can close its client", async () => {
  const { api, said } = proxied();
  await api.$close();
  expect(said.map(([how]) => how)).toEqual(["close"]);
});

test("the proxy is no promise, and its own members begin with $", async () => {
  const { api, said } = proxied();
  expect(await api).toBe(api);
  expect(Reflect.get(api, "then")).toBeUndefined();
  await api.$call("any.name", [1]);
  await api.$with({ timeoutMs: 5 }).add(1, 2);
  await api.$with({ timeoutMs: 5 }).$with({ idempotent: true }).$call("other");
  expect(said.map(([, name, , options]) => [name, options])).toEqual([
    ["any.name", {}],
    ["add", { timeoutMs: 5 }],
    ["other", { timeoutMs: 5, idempotent: true }],
  ]);
});
