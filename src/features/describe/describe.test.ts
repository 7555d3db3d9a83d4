import { type } from "arktype";
import { number as valibotNumber } from "valibot";
import { expect, it } from "vitest";
import * as z from "zod";
import type { Host, ProcedureOptions } from "../../core/contracts/feature.ts";
import type { Call, Handler } from "../../core/model/call.ts";
import type { Principal } from "../../core/model/peer.ts";
import { describe } from "./describe.ts";

const PROCEDURES: Readonly<Record<string, ProcedureOptions>> = {
  hello: { public: true, description: "Greets." },
  add: { params: { a: z.number(), b: type("number"), c: valibotNumber() }, result: z.number() },
  erase: { scopes: ["admin"], timeoutMs: 5 },
  $internal: { public: true },
};

interface Asked {
  readonly principal?: Principal;
  readonly args?: readonly unknown[];
  readonly now?: number;
}

/** What a server with these procedures answers. */
function ask(procedure: string, { principal, args = [], now = 1000 }: Asked = {}): unknown {
  const handlers = new Map<string, Handler>();
  const host: Pick<Host, "procedure" | "procedures"> = {
    procedure: (name, _options, handler) => handlers.set(name, handler),
    procedures: () => new Map(Object.entries(PROCEDURES)),
  };
  describe({ now: () => now })(host as Host);
  const call: Pick<Call, "args" | "principal"> = {
    args: { positional: args, named: {} },
    principal,
  };
  return handlers.get(procedure)?.(call as Call);
}

const ANN: Principal = { id: "ann", scopes: new Set() };
const ADMIN: Principal = { id: "root", scopes: new Set(["admin"]) };

it("lists public procedures alone to those who have proven nothing", () => {
  expect(ask("$list")).toEqual([
    { name: "hello", description: "Greets.", public: true, scopes: [] },
  ]);
});

it("lists what the caller's scopes allow, in the order of registration", () => {
  const names = (principal: Principal) =>
    (ask("$list", { principal }) as readonly { readonly name: string }[]).map(({ name }) => name);
  expect(names(ANN)).toEqual(["hello", "add"]);
  expect(names(ADMIN)).toEqual(["hello", "add", "erase"]);
});

it("counts a principal that has expired as nobody", () => {
  const late = { ...ADMIN, expiresAt: 1000 };
  expect(ask("$list", { principal: late, now: 1000 })).toHaveLength(1);
  expect(ask("$list", { principal: late, now: 999 })).toHaveLength(3);
});

it("describes parameters by JSON Schema where the library has it, else by its name", () => {
  expect(ask("$describe", { principal: ANN, args: ["add"] })).toEqual({
    name: "add",
    public: false,
    scopes: [],
    params: [
      { name: "a", vendor: "zod", schema: expect.objectContaining({ type: "number" }) },
      { name: "b", vendor: "arktype", schema: expect.objectContaining({ type: "number" }) },
      { name: "c", vendor: "valibot" },
    ],
    result: { vendor: "zod", schema: expect.objectContaining({ type: "number" }) },
  });
});

it.each(["erase", "nothing", "$internal", "__proto__"])(
  "does not tell a forbidden name from one that does not exist: %s",
  (name) => {
    expect(() => ask("$describe", { principal: ANN, args: [name] })).toThrow(
      `you may call no procedure named ${JSON.stringify(name)}`,
    );
  },
);

it("describes without a name all that the caller may call", () => {
  const names = (asked: Asked) =>
    (ask("$describe", asked) as readonly { readonly name: string }[]).map(({ name }) => name);
  expect(names({})).toEqual(["hello"]);
  expect(names({ principal: ADMIN })).toEqual(["hello", "add", "erase"]);
  expect(ask("$describe", { principal: ANN })).toContainEqual(
    ask("$describe", { principal: ANN, args: ["add"] }),
  );
});

it("wants a name that is text", () => {
  expect(() => ask("$describe", { args: [7] })).toThrow("takes the name of a procedure");
});
