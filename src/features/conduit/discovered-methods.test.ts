import { expect, it } from "vitest";
import { methodsFrom } from "./discovered-methods.ts";

it("reads types where they are told", () => {
  const described = {
    name: "add",
    public: true,
    params: [{ name: "a", vendor: "netconduit", schema: { type: "integer" } }, { name: "b" }],
    result: { vendor: "netconduit", schema: { type: "number" } },
  };

  expect(methodsFrom([described])).toEqual([
    {
      name: "add",
      description: "",
      parameters: { a: "integer", b: "any" },
      returnType: "number",
      requiresAuth: false,
    },
  ]);
});

it.each([undefined, null, 7, "x", {}, { methods: [] }])(
  "refuses %j, which is no list",
  (answer) => {
    expect(() => methodsFrom(answer)).toThrow("no list of methods");
  },
);
