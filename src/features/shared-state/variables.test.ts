import { expect, it } from "vitest";
import { type StateLimits, stateLimits } from "./options.ts";
import { Variables, variableOf } from "./variables.ts";

const code = (is: string) => expect.objectContaining({ code: is });

/** Variables within these limits, which are put with a version that does not matter. */
function variables(given: Partial<StateLimits> = {}) {
  const limits = stateLimits(given);
  const all = new Variables(limits);
  const put = (name: string, value: unknown): void =>
    all.put(name, variableOf(name, { value, version: 1, at: 0, history: [] }, limits));
  const values = () => Array.from(all.entries(), ([name, { value }]) => [name, value]);
  return { all, put, values };
}

it("keeps values by any name, that of every object's prototype too", () => {
  const { all, put, values } = variables();
  put("__proto__", 1);
  put("toString", null);
  expect(values()).toEqual([
    ["__proto__", 1],
    ["toString", null],
  ]);
  expect(all.find("constructor")).toBeUndefined();
});

it.each([
  ["an empty name", "", 1],
  ["a long name", "n".repeat(257), 1],
  ["a name that would steer a terminal", "a\u001b[2J", 1],
  ["half a character", "a\ud800", 1],
  ["no value", "n", undefined],
])("refuses %s", (_what, name, value) => {
  const { put } = variables();
  expect(() => put(name, value)).toThrow(code("INVALID_ARGUMENT"));
});

it("refuses one variable more than it keeps, but changes those that it has", () => {
  const { all, put, values } = variables({ maxVariables: 2 });
  put("a", 1);
  put("b", 1);
  expect(() => put("c", 1)).toThrow(code("TOO_LARGE"));
  put("a", 2);
  all.delete("b");
  put("c", 3);
  expect(values()).toEqual([
    ["a", 2],
    ["c", 3],
  ]);
});

it("refuses a value that is too large, and keeps the one before", () => {
  const { all, put } = variables({ maxValueBytes: 100 });
  put("a", "small");
  expect(() => put("a", "x".repeat(101))).toThrow(code("TOO_LARGE"));
  expect(all.find("a")?.value).toBe("small");
});

it("counts what all values take together, and forgets what is gone", () => {
  const { all, put } = variables({ maxBytes: 250 });
  put("a", "x".repeat(100));
  put("b", "x".repeat(100));
  expect(() => put("c", "x".repeat(100))).toThrow(code("TOO_LARGE"));
  put("b", "small");
  put("c", "x".repeat(80));
  all.delete("a");
  put("d", "x".repeat(100));
  expect(all.find("d")?.bytes).toBeGreaterThan(100);
});

it("refuses limits that are none", () => {
  expect(() => stateLimits({ maxVariables: 0 })).toThrow("maxVariables is 0");
});
