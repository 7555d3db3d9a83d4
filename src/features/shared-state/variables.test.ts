import { expect, it } from "vitest";
import { stateLimits } from "./options.ts";
import { Variables } from "./variables.ts";

const code = (is: string) => expect.objectContaining({ code: is });

it("keeps values by any name, that of every object's prototype too", () => {
  const variables = new Variables(stateLimits({}));
  variables.put("__proto__", 1);
  variables.put("toString", null);
  expect([...variables.all()]).toEqual([
    ["__proto__", 1],
    ["toString", null],
  ]);
  expect(variables.find("constructor")).toBeUndefined();
});

it.each([
  ["an empty name", "", 1],
  ["a long name", "n".repeat(257), 1],
  ["no value", "n", undefined],
])("refuses %s", (_what, name, value) => {
  const variables = new Variables(stateLimits({}));
  expect(() => variables.put(name, value)).toThrow(code("INVALID_ARGUMENT"));
});

it("refuses one variable more than it keeps, but changes those that it has", () => {
  const variables = new Variables(stateLimits({ maxVariables: 2 }));
  variables.put("a", 1);
  variables.put("b", 1);
  expect(() => variables.put("c", 1)).toThrow(code("TOO_LARGE"));
  variables.put("a", 2);
  variables.delete("b");
  variables.put("c", 3);
  expect([...variables.all().values()]).toEqual([2, 3]);
});

it("refuses a value that is too large, and keeps the one before", () => {
  const variables = new Variables(stateLimits({ maxValueBytes: 100 }));
  variables.put("a", "small");
  expect(() => variables.put("a", "x".repeat(101))).toThrow(code("TOO_LARGE"));
  expect(variables.find("a")?.value).toBe("small");
});

it("counts what all values take together, and forgets what is gone", () => {
  const variables = new Variables(stateLimits({ maxBytes: 250 }));
  variables.put("a", "x".repeat(100));
  variables.put("b", "x".repeat(100));
  expect(() => variables.put("c", "x".repeat(100))).toThrow(code("TOO_LARGE"));
  variables.put("b", "small");
  variables.put("c", "x".repeat(80));
  variables.delete("a");
  expect(variables.put("d", "x".repeat(100)).bytes).toBeGreaterThan(100);
});

it("refuses limits that are none", () => {
  expect(() => stateLimits({ maxVariables: 0 })).toThrow("maxVariables is 0");
});
