import fc from "fast-check";
import { expect, it } from "vitest";
import { formatValue, reviveValue } from "./json-values.ts";

it("writes what JSON has not as an object with one key", () => {
  const values = [new Uint8Array([1, 2, 3]), 12n, new Date(0), Number.NaN, undefined, null];
  expect(values.map((value) => formatValue(value))).toEqual([
    '{"$bytes":"AQID"}',
    '{"$bigint":"12"}',
    '{"$date":"1970-01-01T00:00:00.000Z"}',
    '{"$number":"NaN"}',
    "null",
    "null",
  ]);
  expect(formatValue(new Map([[1, new Set(["a"])]]))).toBe('{"$map":[[1,{"$set":["a"]}]]}');
});

it("keeps the kind of a typed error, and its cause", () => {
  const error = new Error("outer", { cause: new TypeError("inner") });
  expect(JSON.parse(formatValue(error))).toEqual({
    $error: {
      name: "Error",
      message: "outer",
      cause: { $error: { name: "TypeError", message: "inner" } },
    },
  });
});

it("leaves an object as it is whose one key only looks like one of ours", () => {
  const objects = [
    '{"$bytes":7}',
    '{"$bigint":"x"}',
    '{"$date":"soon"}',
    '{"$map":[1]}',
    '{"$x":1}',
  ];
  for (const text of objects) expect(formatValue(reviveValue(JSON.parse(text)))).toBe(text);
});

it("gives a name such as __proto__ no power", () => {
  const revived = reviveValue(JSON.parse('{"__proto__":{"polluted":1},"a":2}'));
  expect(Object.keys(revived as object)).toEqual(["__proto__", "a"]);
  expect((revived as { readonly polluted?: unknown }).polluted).toBeUndefined();
});

it("brings back every value that it wrote", () => {
  const leaf = fc.oneof(
    fc.string(),
    fc.double({ noDefaultInfinity: true, noNaN: true }).filter((number) => !Object.is(number, -0)),
    fc.boolean(),
    fc.bigInt(),
    fc.constant(null),
    fc.date({ noInvalidDate: true }),
    fc.uint8Array().map((bytes) => new Uint8Array(bytes)),
  );
  const key = fc.string().filter((name) => !name.startsWith("$") && name !== "__proto__");
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      leaf,
      fc.array(tie("value")),
      fc.dictionary(key, tie("value"), { noNullPrototype: true }),
      fc.array(tie("value")).map((items) => new Set(items)),
      fc.array(fc.tuple(key, tie("value"))).map((pairs) => new Map(pairs)),
    ),
  }));
  fc.assert(
    fc.property(value, (given) => {
      expect(reviveValue(JSON.parse(formatValue(given)))).toEqual(given);
    }),
  );
});

it("never fails on JSON that people might write", () => {
  fc.assert(fc.property(fc.jsonValue(), (json) => void reviveValue(json)));
});
